"""Is the best policy found with the fast evaluation as good as with the exact one?

    python -m benchmarks.fast_against_exact --network resnet20 --seed 1

The agent of the jobs plays three times from the same seed: judged as a job judges, in the
fastest way of this machine and in a race; the same with twice the evaluations, which take
about the time of the third; in float32 on all reward images.  The winners are compared again
as a job does, and judged in float32 on test images that nothing before has seen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray
import torch

from agents.racing import Race
from agents.registry import play
from benchmarks import hardware, parents
from benchmarks.page import RESULTS, read, write
from benchmarks.search_quality import SEEDS, Bench, bench, winner
from search.home import Home
from secateur.spec import PruneSpec

FOLDER = RESULTS / "fast_against_exact"
TARGET = 0.7


def ways(tools: Bench) -> dict[str, tuple[Callable[[], Any], int]]:
    """What makes each evaluation, with nothing in memory yet, and how many there are."""
    count = PruneSpec().episodes

    def fast() -> Any:
        return Race(tools.judge(tools.problem(TARGET)))

    def exact() -> Any:
        return tools.task.judge(tools.task.spec.reward_images)

    return {"fast": (fast, count), "fast, longer": (fast, 2 * count), "exact": (exact, count)}


def search(tools: Bench, evaluate: Any, count: int, seed: int, state: Path) -> dict[str, Any]:
    """One search of so many evaluations, and its winner.

    Its seconds are those since it went on, where it was interrupted and ``resumed``.
    """
    resumed, began = state.exists(), time.perf_counter()
    problem = tools.problem(TARGET)
    episodes = list(play(PruneSpec().agent, problem, evaluate, count, seed, state))
    seconds = time.perf_counter() - began
    widths = winner(tools, episodes)
    return {
        "widths": widths,
        "episodes": len(episodes),
        "validation": tools.task.judge().accuracy(widths),
        "held_out": tools.held_out(widths),
        "seconds": round(seconds, 2),
        "resumed": resumed,
    }


def record(network: str, seed: int, tools: Bench, results: Path) -> None:
    """The searches of one seed that its file does not have yet."""
    file = results / f"{network}-{seed}.json"
    content: dict[str, Any] = read(file) or {}
    content |= {"network": network, "target": TARGET, "seed": seed}
    for name, (evaluate, count) in ways(tools).items():
        if name not in content:
            state = tools.work / "fast_against_exact" / f"{name}-{seed}"
            content[name] = search(tools, evaluate(), count, seed, state)
            write(file, content | {"machine": hardware.facts()})
            print(file.stem, name, content[name]["held_out"], flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", action="append", choices=sorted(parents.PARENTS))
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--images", type=Path, default=Path("~/data/cifar10-jpeg").expanduser())
    parser.add_argument("--home", type=Path, default=Home.find().folder)
    given = parser.parse_args()
    torch.set_num_threads(1)
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    for network in given.network or sorted(parents.PARENTS):
        tools = bench(network, Home(given.home.absolute()), given.images)
        for seed in given.seed or SEEDS:
            record(network, seed, tools, FOLDER)


if __name__ == "__main__":
    main()
