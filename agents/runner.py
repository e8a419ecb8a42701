"""Runs one agent a target and seed, side by side, and streams their episodes to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import ray
import torch
from ray import ObjectRefGenerator

from agents import exploration, resources, seats
from agents.allowance import Allowance, share_out
from agents.pareto import front
from agents.resources import Need
from agents.streams import interleave
from agents.task import PruningTask, prepare
from agents.waiting import Waiting
from agents.watched import watched
from secateur.records import Episode, PruningResult
from secateur.spec import LIMITS, LimitsSpec, PruneSpec
from secateur.storage.task import TaskShelf

__all__ = ["PruningTask", "decide", "prepare", "run"]


@ray.remote(num_cpus=1, max_retries=2)
@watched
def explore(
    task: PruningTask, target: float, seed: int, folder: Path, allowance: Allowance
) -> Iterator[Episode]:
    """Play the episodes of one agent; a restarted worker goes on from ``folder``."""
    torch.set_num_threads(1)
    # Not a task of this seed: all agents cut the same networks, and so does who compares them.
    here = task.placed(resources.device())
    shelf = TaskShelf(folder)
    shelf.begin()
    for episode in exploration.explore(here, target, folder, allowance, seed):
        # First: who goes on elsewhere is at most a checkpoint behind what the driver has heard of.
        shelf.keep()
        yield episode.model_copy(update={"seed": seed})
    shelf.keep()


@ray.remote(num_cpus=1, max_retries=2)
@watched
def choose(
    task: PruningTask, target: float, episodes: Sequence[Episode], folder: Path
) -> Iterator[tuple[float, PruningResult]]:
    """The best policy of one agent, compared again on the whole validation split; its merit."""
    torch.set_num_threads(1)
    TaskShelf(folder).fetch()
    here = task.placed(resources.device())
    result = exploration.choose(here, target, episodes, folder)
    merit = exploration.merit(here, result, folder)
    yield merit, result.model_copy(update={"seed": episodes[0].seed})


def seeds(task: PruningTask) -> tuple[int, ...]:
    """Seeds of the agents of each target: the task's own and those after it."""
    return tuple(task.seed + number for number in range(task.spec.seeds))


def places(spec: PruneSpec) -> int:
    """Agents that the cluster has room for at the same time."""
    return resources.at_once(resources.need_of(spec))


def run(
    task: PruningTask,
    folder: Path,
    limits: LimitsSpec = LIMITS,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[float, Episode]]:
    """Let the agents of all targets and seeds play, as many at the same time as there is room for.

    Those of a seat each begin in their order; the next one sits down when another has ended.
    A budget in time is shared equally among them: an agent that ends early leaves the rest of
    its share unused.

    Args:
        task: what they share.
        folder: for their checkpoints; an interrupted run in it goes on.
        limits: of each agent.
        tell: takes a line for people when all of them wait for room, and when they go on.

    Yields:
        (target, episode), in the order in which they arrive; the episode tells its seed.

    Raises:
        SpecError: one agent alone asks for more than the cluster has.
        StageError: an agent failed; the others have been stopped too, and can go on.
    """
    resources.check_fits(task.spec)
    shared, spec, at_once = ray.put(task), task.spec, places(task.spec)
    need, agents = resources.need_of(spec), len(spec.targets) * spec.seeds
    allowance = share_out(spec.budget, agents, at_once, need.processes)

    def play(target: float, seed: int, held: ExitStack) -> ObjectRefGenerator:
        seat = held.enter_context(seats.seat(need))
        own = folder / agent_folder(target, seed)
        start = explore.options(num_returns="streaming", **seat)
        return start.remote(limits, shared, target, seed, own, allowance)

    waiting = ((target, seed) for target in spec.targets for seed in seeds(task))
    yield from interleave(
        ((target, partial(play, target, seed)) for target, seed in waiting),
        at_once,
        limits.silence_seconds,
        called=lambda target: f"prune: an agent of target {target:g}",
        waits=Waiting("prune", need, tell),
    )


def decide(
    task: PruningTask,
    played: dict[float, list[Episode]],
    folder: Path,
    limits: LimitsSpec = LIMITS,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[PruningResult, ...]:
    """The chosen policy of every target, in the order of the targets.

    The finalists of all agents of a target are compared on the same images: those of each
    agent first, which may have cut networks of its own, then their winners.

    Args:
        task: what the agents share.
        played: the episodes of each target.
        folder: that ``run`` was given.
        limits: of each comparison.
        tell: takes a line for people when all of them wait for room, and when they go on.

    Raises:
        StageError: a comparison failed.
    """
    shared, start = ray.put(task), choose.options(num_returns="streaming", num_gpus=task.spec.gpus)

    def compare(target: float, seed: int, _: ExitStack) -> ObjectRefGenerator:
        episodes = [episode for episode in played[target] if episode.seed == seed]
        return start.remote(limits, shared, target, episodes, folder / agent_folder(target, seed))

    agents = [(target, seed) for target in task.spec.targets for seed in seeds(task)]
    results = dict(
        interleave(
            ((agent, partial(compare, *agent)) for agent in agents),
            # A comparison reports nothing before its last finalist, which may recover first.
            silence=limits.silence_seconds * task.spec.rerank,
            called=lambda agent: f"prune: the comparison for target {agent[0]:g}",
            waits=Waiting("prune", Need(gpus=task.spec.gpus), tell),
        )
    )
    return tuple(
        _best([results[target, seed] for seed in seeds(task)], played[target])
        for target in task.spec.targets
    )


def _best(
    ranked: Sequence[tuple[float, PruningResult]], episodes: Sequence[Episode]
) -> PruningResult:
    """The result of the greatest merit, of equals the first, with the episodes of all agents."""
    _, best = max(ranked, key=lambda one: one[0])
    bounds = [result.stopped_by for _, result in ranked if result.stopped_by != "episodes"]
    return best.model_copy(
        update={
            "episodes": tuple(episodes),
            "front": front(episodes),
            "stopped_by": bounds[0] if bounds else "episodes",
        }
    )


def agent_folder(target: float, seed: int) -> str:
    """What an agent keeps lies here, below the folder of all agents."""
    return f"target-{target:g}-seed-{seed}"
