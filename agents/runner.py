"""Runs one agent a target and seed, side by side, and streams their episodes to the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import ray
import torch

from agents import exploration, resources
from agents.allowance import Allowance, share_out
from agents.pareto import front
from agents.streams import interleave
from agents.task import PruningTask, prepare
from secateur.records import Episode, PruningResult
from secateur.spec import PruneSpec

__all__ = ["PruningTask", "decide", "prepare", "run"]


@ray.remote(num_cpus=1, max_retries=2)
def explore(
    task: PruningTask, target: float, seed: int, folder: Path, allowance: Allowance
) -> Iterator[Episode]:
    """Play the episodes of one agent; a restarted worker goes on from ``folder``."""
    torch.set_num_threads(1)
    here = replace(task, seed=seed).placed(resources.device())
    for episode in exploration.explore(here, target, folder, allowance):
        yield episode.model_copy(update={"seed": seed})


@ray.remote(num_cpus=1, max_retries=2)
def choose(
    task: PruningTask, target: float, episodes: Sequence[Episode], folder: Path
) -> PruningResult:
    """The best policy of one agent, compared again on the whole validation split."""
    torch.set_num_threads(1)
    result = exploration.choose(task.placed(resources.device()), target, episodes, folder)
    return result.model_copy(update={"seed": episodes[0].seed})


def seeds(task: PruningTask) -> tuple[int, ...]:
    """Seeds of the agents of each target: the task's own and those after it."""
    return tuple(task.seed + number for number in range(task.spec.seeds))


def places(spec: PruneSpec) -> int:
    """Agents that the cluster has room for at the same time."""
    return resources.at_once(resources.runners_of(spec), spec.gpus)


def run(task: PruningTask, folder: Path) -> Iterator[tuple[float, Episode]]:
    """Let the agents of all targets and seeds play at the same time.

    A budget in time is shared equally among them: an agent that ends early leaves the rest of
    its share unused.

    Args:
        task: what they share.
        folder: for their checkpoints; an interrupted run in it goes on.

    Yields:
        (target, episode), in the order in which they arrive; the episode tells its seed.

    Raises:
        SpecError: one agent alone asks for more than the cluster has.
    """
    resources.check_fits(task.spec)
    shared, spec = ray.put(task), task.spec
    start = explore.options(num_returns="streaming", **resources.reserved(spec))
    agents, at_once = len(spec.targets) * spec.seeds, places(spec)
    allowance = share_out(spec.budget, agents, at_once, resources.runners_of(spec))
    yield from interleave(
        {
            start.remote(
                shared, target, seed, folder / agent_folder(target, seed), allowance
            ): target
            for target in spec.targets
            for seed in seeds(task)
        }
    )


def decide(
    task: PruningTask, played: dict[float, list[Episode]], folder: Path
) -> tuple[PruningResult, ...]:
    """The chosen policy of every target, in the order of the targets.

    The finalists of all agents of a target are compared on the same images: those of each
    agent first, which may have cut networks of its own, then their winners.

    Args:
        task: what the agents share.
        played: the episodes of each target.
        folder: that ``run`` was given.
    """
    shared = ray.put(task)
    choices = {
        (target, seed): choose.options(num_gpus=task.spec.gpus).remote(
            shared,
            target,
            [episode for episode in played[target] if episode.seed == seed],
            folder / agent_folder(target, seed),
        )
        for target in task.spec.targets
        for seed in seeds(task)
    }
    return tuple(
        _best([ray.get(choices[target, seed]) for seed in seeds(task)], played[target])
        for target in task.spec.targets
    )


def _best(results: Sequence[PruningResult], episodes: Sequence[Episode]) -> PruningResult:
    """The result of the least distance, or highest accuracy, with the episodes of all agents."""
    best = min(results, key=_rank)
    bounds = [result.stopped_by for result in results if result.stopped_by != "episodes"]
    return best.model_copy(
        update={
            "episodes": tuple(episodes),
            "front": front(episodes),
            "stopped_by": bounds[0] if bounds else "episodes",
        }
    )


def _rank(result: PruningResult) -> float:
    return -result.accuracy if result.distance is None else result.distance


def agent_folder(target: float, seed: int) -> str:
    """What an agent keeps lies here, below the folder of all agents."""
    return f"target-{target:g}-seed-{seed}"
