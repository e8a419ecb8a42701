"""What tracking costs a job."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by case."""
    return [
        "## Cost of tracking",
        "",
        "Wall clock of a job with its MLflow tracker (SQLite), and of the same job with a tracker",
        "that keeps nothing, in turns, each in a process of its own (`benchmarks/tracking.py`).",
        "The difference is the median of the rounds, with the least and the most. Sending and",
        "reading are the shares of the wall clock that two threads compute for: the one that",
        "sends to MLflow, and the one that reads what the job spends and what the machine does.",
        "",
        *table(
            ["Job", "Rounds", "Seconds", "Difference", "Least", "Most", "Sending", "Reading"],
            (_row(name, one) for name, one in results.items()),
        ),
        "",
        *(f"- {name}: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]


def _row(name: str, one: Result) -> list[str]:
    rounds = one["rounds"]
    more = [turn["ratio"] - 1 for turn in rounds]
    return [
        name,
        str(len(rounds)),
        f"{statistics.median(turn['untracked']['seconds'] for turn in rounds):.1f}",
        *(f"{share:+.1%}" for share in (statistics.median(more), min(more), max(more))),
        *(_share(rounds, f"{thread}_cpu_seconds") for thread in ("shipping", "meter")),
    ]


def _share(rounds: list[Result], field: str) -> str:
    shares = [turn["tracked"][field] / turn["tracked"]["seconds"] for turn in rounds]
    return f"{statistics.median(shares):.1%}"
