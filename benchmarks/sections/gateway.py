"""How soon a gateway answers jobs that are submitted at once."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table

LIMIT_S = 0.5


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` holds one file."""
    (one,) = results.values()
    settings = one["settings"]
    return [
        "## Gateway",
        "",
        f"{settings['jobs']} jobs submitted at once by {settings['clients']} clients to `secateur",
        "gateway` in front of a stand-in of Ray's Jobs API (`benchmarks/gateway.py`): milliseconds",
        f"of the answers, which are to take less than {LIMIT_S * 1000:.0f}, and seconds until the",
        "last job was submitted and had ended. In every round each job was played once.",
        "",
        *table(
            ["Round", "Median ms", "99 %", "Slowest", "Submitted s", "Ended s"],
            (_row(number, turn) for number, turn in enumerate(one["rounds"], start=1)),
        ),
        "",
        f"- {measured_on(one['hardware'])}.",
    ]


def _row(number: int, turn: Result) -> list[str]:
    answers = sorted(1000 * seconds for seconds in turn["answers"])
    shares = (statistics.median(answers), answers[int(0.99 * len(answers))], answers[-1])
    return [
        str(number),
        *(f"{share:.0f}" for share in shares),
        *(f"{turn[name]:.1f}" for name in ("submitted", "ended")),
    ]
