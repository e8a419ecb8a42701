"""Makes ``docs/scaling.md`` from the result files.

python -m benchmarks.scaling.page
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.page import Result, measured_on, table
from benchmarks.scaling.columns import (
    Columns,
    filled,
    first,
    half,
    middle,
    reports,
    rows,
    seconds,
    setting,
    work_of,
)
from benchmarks.scaling.fit import Results, fitted, of_driver, read
from benchmarks.scaling.measuring import FOLDER
from benchmarks.scaling.model import most_workers
from benchmarks.scaling.predicted import LENGTHS, left_out, limits, predicted, wrapped
from search.snapshots import SHARE

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def page(folder: Path = FOLDER) -> str:
    """The whole page."""
    kinds = {kind: read(kind, folder) for kind in ("trials", "episodes", "before", "driver")}
    trials, episodes, before, driver = kinds.values()
    costs = fitted(driver, trials)
    lines = [
        "# Parallel work: what it costs and where it ends",
        "",
        "Made by `python -m benchmarks.scaling.page` from the files in",
        "`benchmarks/results/scaling`; no number here was typed. Trials and evaluations are a",
        "sleep and an allocation: everything but them is a job's own, and a machine of two cores",
        "can hold as many workers as are asked for.",
        "",
        *([*_measured_trials(trials), ""] if trials else []),
        *([*_measured_episodes(episodes), ""] if episodes else []),
        *_measured_driver(driver, before),
        "",
        *predicted(costs, trials),
        "",
        *limits(costs),
        "",
        *left_out(),
        "",
        "## Measured on",
        "",
        *_machines(kinds),
    ]
    return "\n".join(lines) + "\n"


def _measured_trials(trials: Results) -> list[str]:
    return [
        "## Trials",
        "",
        "A search of `search.tuning` with every report in MLflow, a snapshot of its state a second",
        "and a checkpoint a trial (`benchmarks/scaling/trials.py`). Steady is the share of their",
        "time that workers worked from their first trial to their last; whole counts the start of",
        "their processes too. These load all that a trial does but torch, some two seconds of a",
        "processor each, and here they share two cores with whatever else the machine does (its",
        "load is told at the end): workers with cores of their own begin when the first does here.",
        "",
        *filled(_TRIALS, trials),
    ]


_TRIALS: Columns = {
    "Workers": setting("workers"),
    "Trials": first("trials", "{:.0f}"),
    "Seconds a trial": seconds,
    "Reports a trial": reports,
    "Steady": half("steady", "{:.1%}"),
    "Whole": half("whole", "{:.1%}"),
    "First begins after": half("first_start_seconds", "{:.0f} s"),
    "Last begins after": half("start_seconds", "{:.0f} s"),
}


def _measured_episodes(episodes: Results) -> list[str]:
    return [
        "## Pruning",
        "",
        "Agents of `agents.runner` whose evaluations sleep (`benchmarks/scaling/episodes.py`):",
        "several agents of one process each (random policies), and one DDPG agent with several",
        "runners, which learns between two rounds while they wait.",
        "",
        *filled(_EPISODES, episodes),
    ]


def _added(one: Result) -> float:
    """Seconds that a round takes beyond its evaluation."""
    return middle(one, "round_seconds") - work_of(one).seconds


_EPISODES: Columns = {
    "": setting("way"),
    "Workers": setting("workers"),
    "Episodes": first("episodes", "{:.0f}"),
    "Seconds an evaluation": seconds,
    "Steady": half("steady", "{:.1%}"),
    "Whole": half("whole", "{:.1%}"),
    "Adds to an episode": lambda one: f"{1000 * _added(one):.0f} ms",
    # seconds / (seconds + added) = 0.9
    "90 % from": lambda one: f"{9 * _added(one):.1f} s",
}


def _measured_driver(driver: Results, before: Results) -> list[str]:
    now = _driver_columns("now", SHARE)
    return [
        "## The driver alone",
        "",
        *wrapped(
            "The same driver with virtual workers, which cost nothing and wait as long as real "
            "ones work (`benchmarks/scaling/driver.py`); processor milliseconds, whatever else the "
            "machine did. A turn is the end of a trial and the begin of the next, the proposal of "
            "TPE included. The last column is the model's below, with trials of "
            f"{LENGTHS[0].seconds:g} s and without what Ray costs."
            f"{_BEFORE if before else ''}"
        ),
        "",
        *table(list(now), [*rows(_driver_columns("before", 1.0), before), *rows(now, driver)]),
    ]


_BEFORE = (
    " Before, the driver wrote CSV and TensorBoard files of every trial, which nobody reads, and a "
    f"snapshot a second whatever it took, where now {SHARE:.0%} of the time is the most."
)


def _driver_columns(name: str, share: float) -> Columns:
    return {
        "": lambda _: name,
        "Workers": setting("workers", "{:,}"),
        "Trials": first("trials", "{:,.0f}"),
        "A report": first("report_ms", "{:.2f} ms"),
        "A turn": first("turn_mean_ms", "{:.1f} ms"),
        "Last snapshot": first("snapshot_last_ms", "{:.0f} ms"),
        "Tracking beside it, a report": first("background_ms", "{:.2f} ms"),
        "Workers at 90 %": lambda one: f"{most_workers(LENGTHS[0], of_driver(one, share)):,}",
    }


def _machines(kinds: dict[str, Results]) -> Iterator[str]:
    for kind, results in kinds.items():
        for name, one in results.items():
            yield f"- {kind} {name}, n = {len(one['rounds'])}: {measured_on(one['hardware'])}."


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
