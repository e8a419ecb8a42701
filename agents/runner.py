"""Runs one agent a target, side by side, and streams their episodes to the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ray
import torch

from agents.pareto import front
from agents.problem import PruningProblem
from agents.registry import play
from agents.reward import Candidates, RecalibratedAccuracy
from agents.streams import interleave
from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.groups import Group
from secateur.compression.importance import Scores
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import AllowedWidths, allowed_widths, check_reachable
from secateur.data import Development, Images
from secateur.records import Episode, PruningResult
from secateur.spec import PruneSpec
from secateur.training.preprocess import Normalize, to_float

CALIBRATION_IMAGES = 512


@dataclass(frozen=True)
class PruningTask:
    """All that the agents of one network share; placed in the object store once.

    Attributes:
        spec: of the stage.
        candidates: cuts the networks.
        development: its validation split is what rewards and the final choice are taken on.
        cost: of the network.
        seed: of every agent.
    """

    spec: PruneSpec
    candidates: Candidates
    development: Development
    cost: CostModel
    seed: int

    @property
    def dense_flops(self) -> int:
        """FLOPs of the dense network, for one image."""
        return self.cost.dense_flops

    def problem(self, target: float) -> PruningProblem:
        """What the agent of one target is asked.

        Raises:
            UnreachableTargetError: even the narrowest widths leave too many FLOPs.
        """
        groups = self.candidates.plan.groups
        allowed = bounds_of(self.spec, groups)
        check_reachable(self.cost, allowed, target)
        return PruningProblem(groups, self.cost, allowed, target, self.criteria)

    @cached_property
    def criteria(self) -> dict[str, Scores]:
        """Scores that some agents decide by, whichever the channels are kept by."""
        network, plan = self.candidates.network, self.candidates.plan
        return {
            "l1": importance.l1(network, plan),
            "bn-scale": importance.bn_scale(network, plan),
        }

    def judge(self, images: int | None = None) -> RecalibratedAccuracy:
        """Accuracy on the first ``images`` of the validation split, or on all of it."""
        shown = self.development.validation.take(slice(images))
        return RecalibratedAccuracy(
            self.candidates, normalised(shown, self.development), shown.tensors()[1]
        )


def bounds_of(spec: PruneSpec, groups: Sequence[Group]) -> AllowedWidths:
    """The widths that a spec allows each group."""
    return allowed_widths(
        groups, a_max=spec.a_max, a_max_dense=spec.a_max_dense, round_to=spec.round_to
    )


def prepare(
    spec: PruneSpec,
    network: torch.nn.Module,
    input_shape: tuple[int, int, int],
    development: Development,
    seed: int,
) -> PruningTask:
    """Trace a trained network and make sure that every target can be reached.

    Raises:
        UntraceableNetworkError: its channels cannot be followed.
        UnreachableTargetError: a target is beyond what the bounds allow.
    """
    plan = SurgeryPlan.of(network, input_shape)
    candidates = Candidates(
        network=network,
        plan=plan,
        scores=importance.l1(network, plan.graph),
        calibration=normalised(development.train.take(slice(CALIBRATION_IMAGES)), development),
    )
    cost = CostModel.of(network, plan.graph, input_shape)
    task = PruningTask(spec, candidates, development, cost, seed)
    for target in spec.targets:
        task.problem(target)
    return task


def normalised(images: Images, development: Development) -> torch.Tensor:
    """Pixels as networks take them, float32 (images, channels, height, width)."""
    normalize = Normalize(development.mean, development.std)
    pixels: torch.Tensor = normalize(to_float(images.tensors()[0]))
    return pixels


@ray.remote(num_cpus=1, max_retries=2)
def explore(task: PruningTask, target: float, state: Path) -> Iterator[Episode]:
    """Play all episodes of one target; a restarted worker goes on from ``state``."""
    torch.set_num_threads(1)
    evaluate = task.judge(task.spec.reward_images)
    yield from play(
        task.spec.agent, task.problem(target), evaluate, task.spec.episodes, task.seed, state
    )


@ray.remote(num_cpus=1, max_retries=2)
def choose(task: PruningTask, target: float, episodes: Sequence[Episode]) -> PruningResult:
    """Compare the best few policies again, on the whole validation split.

    The best of many rewards overstates its policy; more images rank the finalists anew.
    """
    torch.set_num_threads(1)
    problem = task.problem(target)
    judge = task.judge()
    rewards = {episode.widths: episode.reward for episode in episodes}
    finalists = sorted(rewards, key=lambda widths: -rewards[widths])[: task.spec.rerank]
    best = max(finalists, key=judge)
    return PruningResult(
        target=target,
        agent=task.spec.agent.kind,
        widths=best,
        accuracy=judge(best),
        dense_flops=problem.dense_flops,
        flops=int(task.cost.flops(best)),
        groups=tuple(group.name for group in problem.groups),
        dense_widths=problem.dense_widths,
        episodes=tuple(episodes),
        front=front(episodes),
    )


def run(task: PruningTask, folder: Path) -> Iterator[tuple[float, Episode]]:
    """Let the agents of all targets play at the same time.

    Args:
        task: what they share.
        folder: for their checkpoints; an interrupted run in it goes on.

    Yields:
        (target, episode), in the order in which they arrive.
    """
    shared = ray.put(task)
    yield from interleave(
        {
            explore.options(num_returns="streaming").remote(
                shared, target, folder / f"target-{target:g}"
            ): target
            for target in task.spec.targets
        }
    )


def decide(task: PruningTask, played: dict[float, list[Episode]]) -> tuple[PruningResult, ...]:
    """The chosen policy of every target, in the order of the targets."""
    shared = ray.put(task)
    results = [choose.remote(shared, target, played[target]) for target in task.spec.targets]
    return tuple(ray.get(results))
