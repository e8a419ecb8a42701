"""What agents leave of a generator, and how like real images it makes its own again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from statistics import mean

from benchmarks.page import Result, measured_on, spread, table

AGENTS = {
    "ddpg": "`ddpg`",
    "tpe": "`tpe`",
    "random": "`random`",
    "uniform": "`uniform`",
    "ddpg-likeness": "`ddpg`, reward with the distance",
    "ddpg-least-squares": "`ddpg`, corrected by least squares",
    "ddpg-imitate": "`ddpg`, corrected by imitation",
    "random-imitate": "`random`, corrected by imitation",
    "ddpg-far": "`ddpg`, corrected by imitation, cut farther",
    "random-far": "`random`, corrected by imitation, cut farther",
    "uniform-far": "`uniform`, corrected by imitation, cut farther",
    "ddpg-random-channels": "`ddpg`, random channels kept",
}
"""Of the rows, in their order."""

EARLY = (10, 20)
"""Evaluations after which the best reward so far is told as well."""


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by part and seed."""
    parts: dict[str, list[Result]] = defaultdict(list)
    for one in results.values():
        parts[one["name"]].append(one)
    found = [name for name in AGENTS if name in parts]
    first = parts[found[0]][0]
    return [
        "## Pruning generators",
        "",
        _protocol(parts["dense"], parts[found[0]]),
        "",
        *table(["", "FLOPs", "Distance", "of each seed"], _ends(parts, found)),
        "",
        "How the policies came about. Best reward after so many evaluations, and the distance of "
        "the chosen policy right after the cut, after the correction, and at the end:",
        "",
        *table(
            ["", *(f"after {count}" for count in EARLY), "at the end", "cut", "corrected",
             "recovered", "played, s of the clock"],
            (_course(name, parts[name]) for name in found),
        ),
        "",
        f"{measured_on(first['machine'])} (each file names its own command, date and load).",
    ]  # fmt: skip


def _protocol(dense: list[Result], runs: list[Result]) -> str:
    """What was done, by the dense runs and those of one agent."""
    first = runs[0]
    return (
        f"A DCGAN of MNIST, trained for {dense[0]['steps']:,} steps of "
        f"{dense[0]['recipe']['batch_size']} images ({_seconds(dense, 'seconds')} CPU seconds of "
        f"one thread), loses {first['target']:.0%} of its FLOPs or more by each agent's policy; "
        f"{len(first['rewards'])} evaluations each (`uniform` has one policy), whose reward is the "
        f"closeness to the dense generator's images of the same {first['reward_images']:,} noise "
        "vectors: 1 / (1 + the squared error of all pixels, as a share of the mean image's). "
        f"The best {first['rerank']} policies are compared by the distance on "
        f"validation images after {first['recovery']['rerank_steps']} steps of recovery; the first "
        f"of them recovers for {first['recovery_steps']:,} steps "
        f"({_seconds(runs, 'recovery_seconds')} CPU seconds). Fréchet distance on "
        "64 features of a classifier of the same data, 2,000 images against 2,000 of the test "
        f"split; mean ± standard deviation over {len(dense)} seeds of training and agent. Lower is "
        "better; distances compare on this page only."
    )


def _ends(parts: dict[str, list[Result]], found: list[str]) -> Iterator[list[str]]:
    """Rows of what is dense, and of what the agents' policies recovered to."""
    yield _whole("Dense", parts["dense"])
    if "longer" in parts:
        yield _whole("Dense, trained on for as long", parts["longer"])
    yield from (_recovered(name, parts[name]) for name in found)


def _seconds(runs: list[Result], field: str) -> str:
    return f"{mean(run[field] for run in runs):.0f}"


def _whole(label: str, runs: list[Result]) -> list[str]:
    return [label, "+0.0%", *_distances(runs)]


def _recovered(name: str, runs: list[Result]) -> list[str]:
    return [AGENTS[name], f"-{mean(run['flops_cut'] for run in runs):.1%}", *_distances(runs)]


def _distances(runs: list[Result]) -> list[str]:
    found = [run["distance"] for run in sorted(runs, key=lambda run: run["seed"])]
    return [spread(found, scale=1, digits=2), ", ".join(f"{distance:.2f}" for distance in found)]


def _course(name: str, runs: list[Result]) -> list[str]:
    best = [
        spread([max(run["rewards"][:count]) for run in runs], scale=1, digits=3)
        for count in (*EARLY, None)
    ]
    distances = [
        spread([run[field] for run in runs], scale=1, digits=2)
        for field in ("distance_cut", "distance_corrected", "distance")
    ]
    return [AGENTS[name], *best, *distances, f"{mean(run['play_seconds'] for run in runs):.0f}"]
