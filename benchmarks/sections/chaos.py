"""What became of jobs that faults befell."""

from __future__ import annotations

from statistics import median

from benchmarks.page import Result, measured_on, table


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by test."""
    rounds = [one for result in results.values() for one in result["rounds"].values()]
    last = max(results.values(), key=lambda result: result["hardware"]["date"])
    return [
        "## Faults",
        "",
        "Jobs of real processes, each disturbed at a random moment (`make chaos`), and",
        "how many of them did what [reliability.md](reliability.md) promises: they finished with",
        "exactly what was asked for, or stopped with one line that says why and then went on;",
        "nothing lost, nothing doubled, no run left open.",
        "",
        *table(
            ["Fault", "Rounds", "As promised", "Median s"],
            (_row(result) for result in sorted(results.values(), key=lambda one: one["fault"])),
        ),
        "",
        f"- {len(rounds)} rounds, {sum(one['seconds'] for one in rounds) / 3600:.1f} hours in all; "
        f"the last: {measured_on(last['hardware'])}.",
    ]


def _row(result: Result) -> list[str]:
    rounds = result["rounds"].values()
    kept = sum(one["kept"] for one in rounds)
    seconds = median(one["seconds"] for one in rounds)
    return [result["fault"].rstrip("."), str(len(rounds)), str(kept), f"{seconds:.0f}"]
