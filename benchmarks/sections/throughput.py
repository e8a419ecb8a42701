"""Episodes per second, what an episode is spent on, and what made it fast."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table

PARTS = ("forward", "recalibration", "surgery", "agent", "ray")


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by network."""
    settings = next(iter(results.values()))["settings"]
    targets = ", ".join(f"{target:.0%}" for target in settings["targets"])
    return [
        "## Throughput",
        "",
        "Episodes per second of the pruning stage against a loop in the style of AMC's reference",
        "implementation (`benchmarks/reference_loop.py`), in turns on the same cores:",
        f"{settings['images']} images, targets {targets}, agent `{settings['agent']}`, reference",
        f"on {settings['threads']} threads. The ratio is the median of the rounds.",
        "",
        *table(
            ["Network", "Rounds", "Sécateur", "Reference", "Ratio", "Least", "Most"],
            (_rates(name, one) for name, one in results.items()),
        ),
        "",
        "Milliseconds of processor time an episode, on one thread. Forward passes are evaluation",
        "and recalibration; added to them are surgery, the agent in RLlib, and Ray.",
        "",
        *table(
            ["Network", "Evaluation", "Recalibration", "Surgery", "Agent", "Ray", "Added"],
            (_parts(name, one) for name, one in results.items()),
        ),
        "",
        "Milliseconds of one evaluation, one thread, as each step is added to those before.",
        "",
        *table(["Step", *results], _steps(list(results.values()))),
        "",
        *(f"- {name}: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]


def _rates(name: str, one: Result) -> list[str]:
    rounds = one["rounds"]
    ratios = [turn["ratio"] for turn in rounds]
    rates = (
        statistics.median(turn[side]["rate"] for turn in rounds)
        for side in ("secateur", "reference")
    )
    figures = (*rates, statistics.median(ratios), min(ratios), max(ratios))
    return [name, str(len(rounds)), *(f"{figure:.2f}" for figure in figures)]


def _parts(name: str, one: Result) -> list[str]:
    parts = one["breakdown_ms"]
    return [name, *(f"{parts[part]:.1f}" for part in PARTS), f"{one['added']:.0%}"]


def _steps(found: list[Result]) -> list[list[str]]:
    return [
        [step, *(f"{one['steps_ms'][step]:.0f}" for one in found)] for step in found[0]["steps_ms"]
    ]
