"""How long the report of a job of many trials takes."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table

STEPS = {
    "draw": "draw all pictures (once, at the job's end)",
    "write": "write report.html and report.md",
    "command": "`secateur report`, start to end",
    "open": "start Chromium, open the page, run its script",
}
LIMIT_S = 5


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by number of trials."""
    return [
        "## Reports",
        "",
        "Seconds until the report of a job of many trials can be read (`benchmarks/reports.py`);",
        f"`secateur report` and opening the page are to take at most {LIMIT_S} s each. The page",
        "holds every trial and pages them; its size is given in megabytes.",
        "",
        *table(
            ["Trials, step", "Rounds", "Median s", "Least", "Most", "Page MB"],
            (row for one in results.values() for row in _rows(one)),
        ),
        "",
        *(f"- {name} trials: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]


def _rows(one: Result) -> list[list[str]]:
    rounds, trials = one["rounds"], one["settings"]["trials"]
    size = statistics.median(turn["bytes"] for turn in rounds) / 1e6
    rows = []
    for step, shown in STEPS.items():
        seconds = [turn[step] for turn in rounds]
        figures = (statistics.median(seconds), min(seconds), max(seconds))
        page = f"{size:.1f}" if step == "open" else ""
        cells = [f"{figure:.2f}" for figure in figures]
        rows.append([f"{trials:,}, {shown}", str(len(rounds)), *cells, page])
    return rows
