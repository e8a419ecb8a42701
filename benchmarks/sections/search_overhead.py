"""What the search stage adds to a bare Optuna loop, and what parallel trials give back."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.page import Result, measured_on, table

WAYS = {
    "bare": "bare Optuna loop, one thread",
    "bare_all_threads": "bare Optuna loop, all threads",
    "parallel_1": "search stage, one trial at a time",
    "parallel_2": "search stage, two trials at a time",
}


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by case."""
    starts = [
        turn[way]["ray_start_seconds"]
        for one in results.values()
        for turn in one["rounds"]
        for way in ("parallel_1", "parallel_2")
    ]
    return [
        "## Search overhead",
        "",
        "Wall clock of the search stage (Ray Tune, MLflow on SQLite, state saved every second)",
        "against Optuna's own loop in one process (`benchmarks/search_overhead.py`): same points,",
        "same training code, all trials to the end, in turns on the same cores. The start of Ray",
        f"({statistics.median(starts):.1f} s, once a job) is not counted, the starts and imports",
        "of its workers are. Times are medians of the rounds; ratios are to the loop on one thread",
        "in the same round, below 1 is faster.",
        "",
        *table(
            ["Case", "Trials", "Rounds", "Seconds", "Ratio", "Least", "Most", "Same accuracies"],
            (row for name, one in results.items() for row in _rows(name, one)),
        ),
        "",
        *(f"- {name}: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]


def _rows(name: str, one: Result) -> list[list[str]]:
    trials = one["settings"]["spec"]["search"]["trials"]
    rows = []
    for way, shown in WAYS.items():
        turns = [turn for turn in one["rounds"] if way in turn]
        if turns:
            rows.append([f"{name}, {shown}", str(trials), str(len(turns)), *_figures(turns, way)])
    return rows


def _figures(turns: list[Result], way: str) -> list[str]:
    ratios = [turn[way]["seconds"] / turn["bare"]["seconds"] for turn in turns]
    figures: list[Any] = [statistics.median(ratios), min(ratios), max(ratios)]
    same = [turn[way]["same"] for turn in turns if "same" in turn[way]]
    return [
        f"{statistics.median(turn[way]['seconds'] for turn in turns):.1f}",
        *(f"{figure:.2f}" for figure in figures),
        {True: "yes", False: "no"}[all(same)] if same else "",
    ]
