"""Whether the fast evaluation finds policies as good as the exact one does."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean

from benchmarks.page import Result, measured_on, percent, table

WAYS = ("fast", "fast, longer", "exact")


def lines(found: dict[str, Result]) -> list[str]:
    """The section, from one result a network and seed."""
    first = next(iter(found.values()))
    by_network: dict[str, list[Result]] = defaultdict(list)
    for one in found.values():
        by_network[one["network"]].append(one)
    return [
        "## Fast against exact evaluation",
        "",
        f"The agent of the jobs at FLOPs -{first['target']:.0%}, from the same seeds: judged as a",
        "job judges (fastest layout and precision of this machine, batch norm folded, race), and",
        "in float32 on all reward images. Winners are judged in float32: mean ± standard deviation",
        "over the seeds, in %.",
        "",
        *table(
            ["Network", "Seeds", "Judged", "Evaluations", "Validation", "Held out", "Seconds"],
            (_row(name, runs, way) for name, runs in by_network.items() for way in WAYS),
        ),
        "",
        f"- {measured_on(first['machine'])} (each file names its own command, date and load).",
    ]


def _row(network: str, runs: list[Result], way: str) -> list[str]:
    cells = [percent([run[way][key] for run in runs]) for key in ("validation", "held_out")]
    whole = [run[way]["seconds"] for run in runs if not run[way].get("resumed")]
    seconds = f"{mean(whole):.0f}" if whole else "-"
    return [network, str(len(runs)), way, str(runs[0][way]["episodes"]), *cells, seconds]
