"""What became of jobs that faults befell."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from benchmarks.page import Result, measured_on, table


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by test."""
    rounds = [one for result in results.values() for one in _counted(result)]
    last = max(results.values(), key=lambda result: result["hardware"]["date"])
    hours = sum(one["seconds"] for one in rounds) / 3600
    return [
        "## Faults",
        "",
        "Jobs of real processes, each disturbed at random moments (`make chaos`): how many jobs,",
        "how often their fault befell them, and how often of these the job did what",
        "[reliability.md](reliability.md) promises. It finished with exactly what was asked for,",
        "or stopped with one line that says why and then went on; nothing lost, nothing doubled,",
        "no run left open. A job that did not counts with all of its faults.",
        "",
        *table(
            ["Fault", "Jobs", "Times", "As promised", "Median s a job"],
            (_row(result) for result in sorted(results.values(), key=lambda one: one["fault"])),
        ),
        "",
        f"- {len(rounds)} jobs and {_times(rounds)} faults, {hours:.1f} hours in all; "
        f"the last: {measured_on(last['hardware'])}.",
        *(f"- Not counted: {one}." for result in results.values() for one in _void(result)),
    ]


def _row(result: Result) -> list[str]:
    rounds = _counted(result)
    kept = _times(one for one in rounds if one["kept"])
    seconds = median(one["seconds"] for one in rounds)
    counts = len(rounds), _times(rounds), kept
    return [result["fault"].rstrip("."), *map(str, counts), f"{seconds:.0f}"]


def _times(rounds: Iterable[Result]) -> int:
    return sum(one["strikes"] for one in rounds)


def _counted(result: Result) -> list[Result]:
    return [one for one in result["rounds"].values() if "void" not in one]


def _void(result: Result) -> list[str]:
    """Jobs whose tests were wrong, and why."""
    fault = result["fault"].rstrip(".")
    return [f"{fault}: {one['void']}" for one in result["rounds"].values() if "void" in one]
