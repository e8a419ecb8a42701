"""Pruning in stages: cut part of the way, fine-tune briefly, trace anew, go on.

From about 85 % of the FLOPs on, accuracy right after a cut says little, however it is
corrected; a network that has learned again in between can be judged once more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from agents.candidates import Candidates
from agents.problem import PruningProblem
from agents.rewards import Widths
from agents.task import PruningTask, criteria
from secateur.compression.policy import check_reachable
from secateur.errors import ArtifactError, UntraceableNetworkError
from secateur.records import Episode
from secateur.scratch import whole
from secateur.training.recovery import finetune


@dataclass(frozen=True)
class Stage:
    """One stage on the way to a target.

    Widths are those of the dense network's groups throughout: a stage starts from a
    network that is cut already, and may only cut it further.

    Attributes:
        candidates: cut out of the network that the stage starts from.
        problem: what its agent is asked, in FLOPs of the dense network.
        episodes: that its agent may play.
    """

    candidates: Candidates
    problem: PruningProblem
    episodes: int


def shares(target: float, largest: float, most: int) -> tuple[float, ...]:
    """Shares of the dense FLOPs that are gone after each stage; the last is the target.

    The fewest stages of which none cuts more than ``largest`` of what it starts with, each
    keeping the same share.

    Args:
        target: in (0, 1).
        largest: in (0, 1).
        most: stages at most, at least 1.
    """
    # 1e-9: a target of exactly `largest` is one stage, whatever the logarithms round to.
    count = math.ceil(math.log(1 - target) / math.log(1 - largest) - 1e-9)
    count = max(1, min(count, most))
    between = (1 - (1 - target) ** (number / count) for number in range(1, count))
    return (*between, target)


def stages(task: PruningTask, target: float) -> tuple[float, ...]:
    """``shares`` of a task's target: a stage has one episode at least."""
    return shares(target, task.spec.stages.largest, task.spec.episodes)


def stage(task: PruningTask, target: float, number: int, candidates: Candidates) -> Stage:
    """Stage ``number``, from 0, of the way to a target.

    Args:
        task: of the dense network.
        target: share of its FLOPs to cut.
        number: which stage.
        candidates: cut out of the network that the stage starts from.

    Raises:
        UnreachableTargetError: even the narrowest widths leave too many FLOPs.
    """
    ends, count = stages(task, target), task.spec.episodes
    last = number == len(ends) - 1
    groups = candidates.plan.groups
    # One channel leaves a later stage nothing to choose from, and no group to trace.
    least = 1 if last else 2
    allowed = tuple(
        widths[(widths >= least) & (widths <= group.width)]
        for widths, group in zip(task.problem(target).allowed, groups, strict=True)
    )
    parameters = _by_then(task.spec.parameters, (number + 1) / len(ends))
    check_reachable(task.cost, allowed, ends[number], parameters)
    problem = PruningProblem(
        groups, task.cost, allowed, ends[number], criteria(candidates), parameters
    )
    share = count // len(ends)
    return Stage(candidates, problem, count - share * number if last else share)


def _by_then(target: float | None, share: float) -> float | None:
    """What is gone after a share of the stages that each keep the same share of the rest."""
    if target is None or share == 1:
        return target
    return 1 - float((1 - target) ** share)


def advance(
    task: PruningTask, reached: Stage, episodes: Sequence[Episode], path: Path
) -> Candidates:
    """Choose a stage's policy, fine-tune its network and keep it; what is kept is reread.

    Args:
        task: of the dense network.
        reached: the stage that has been played.
        episodes: of the stage.
        path: for the weights.
    """
    if not path.exists():
        judge = task.judge(candidates=reached.candidates)
        widths = judge.best(finalists(reached, episodes, task.spec.rerank))
        network, dense = reached.candidates.cut(widths), task.candidates.network
        spec = task.spec.stages.finetune
        for _ in finetune(network, dense, task.development, task.recipe, spec):
            pass
        save(network, widths, path)
    return load(task, path)


def finalists(reached: Stage, episodes: Sequence[Episode], count: int) -> list[Widths]:
    """The policies of the highest rewards that meet a stage's target, best first, each once.

    A policy of an earlier stage may have met it too, but with channels that have since gone.

    Args:
        reached: the stage.
        episodes: of it, and maybe of those before.
        count: finalists at most.
    """
    limits, left = reached.problem.limits, reached.problem.dense_widths
    rewards = {
        one.widths: one.reward
        for one in episodes
        if limits.met(one.widths) and np.less_equal(one.widths, left).all()
    }
    return sorted(rewards, key=lambda widths: -rewards[widths])[:count]


def save(network: nn.Module, widths: Sequence[int], path: Path) -> None:
    """Keep a network that was cut from the dense one, whole or not at all."""
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    with whole(path) as partial:
        save_file(weights, partial, {"widths": json.dumps(list(widths))})


def load(task: PruningTask, path: Path) -> Candidates:
    """Candidates cut out of a network that ``save`` kept.

    Raises:
        ArtifactError: the file is absent or not of this network.
        UntraceableNetworkError: the cut network has other groups than the dense one.
    """
    dense = task.candidates
    try:
        with safe_open(path, "pt") as file:
            widths = json.loads(file.metadata()["widths"])
        network = dense.plan.prune(dense.network, dense.plan.kept_first(widths))
        network.load_state_dict(load_file(path))
    # TypeError: safetensors without metadata.
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ArtifactError(f"{path}: {str(error).splitlines()[0]}") from None
    candidates = task.candidates_of(network.eval())
    if [group.name for group in candidates.plan.groups] != [g.name for g in dense.plan.groups]:
        raise UntraceableNetworkError(f"{path}: the cut network has other groups than the dense")
    return candidates
