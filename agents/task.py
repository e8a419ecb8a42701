"""What the agents of one network share: how it is cut, judged, and how far it is to go."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from agents.candidates import Candidates, correction, score
from agents.judge import Judge
from agents.problem import PruningProblem
from agents.rewards import Widths, Worth, worth_of
from secateur.compression import importance
from secateur.compression.cost import CostModel
from secateur.compression.execution import EXACT, Execution
from secateur.compression.groups import Group
from secateur.compression.importance import Scores
from secateur.compression.plan import SurgeryPlan
from secateur.compression.policy import AllowedWidths, allowed_widths, check_reachable
from secateur.data import Development, Images
from secateur.records import Recipe
from secateur.spec import PruneSpec
from secateur.training.evaluation import device_of
from secateur.training.preprocess import Normalize, to_float


class Choice(NamedTuple):
    """The best of a few policies.

    Attributes:
        widths: channels kept a group.
        accuracy: on the whole validation split, before any fine-tuning.
        distance: by which it was chosen, where that is not the reward.
    """

    widths: Widths
    accuracy: float
    distance: float | None = None


@dataclass(frozen=True)
class PruningTask:
    """All that the agents of one network share; placed in the object store once.

    Attributes:
        spec: of the stage.
        candidates: cuts the networks.
        development: its validation split is what rewards and the final choice are taken on.
        cost: of the network.
        recipe: that it was trained with; fine-tunes between stages follow it.
        seed: of the first agent, and of scores of channels that are drawn.
    """

    spec: PruneSpec
    candidates: Candidates
    development: Development
    cost: CostModel
    recipe: Recipe
    seed: int

    @property
    def dense_flops(self) -> int:
        """FLOPs of the dense network, for one image."""
        return self.cost.dense_flops

    def problem(self, target: float) -> PruningProblem:
        """What the agent of one target is asked.

        Raises:
            UnreachableTargetError: even the narrowest widths leave too much.
        """
        groups = self.candidates.plan.groups
        allowed = bounds_of(self.spec, groups)
        parameters = self.spec.parameters
        check_reachable(self.cost, allowed, target, parameters)
        scores = criteria(self.candidates)
        return PruningProblem(groups, self.cost, allowed, target, scores, parameters)

    def judge(
        self,
        images: int | None = None,
        execution: Execution = EXACT,
        candidates: Candidates | None = None,
    ) -> Judge:
        """Rewards on the first ``images`` of the validation split, or on all of it.

        Args:
            images: how many.
            execution: how forward passes are run.
            candidates: of a later stage; the task's own where absent.
        """
        shown = self.development.validation.take(slice(images))
        chosen = candidates or self.candidates
        device = device_of(chosen.network)
        return Judge(
            chosen,
            normalised(shown, self.development).to(device),
            shown.tensors()[1].to(device),
            self.worth(chosen),
            execution,
            self.development.task,
        )

    def worth(self, candidates: Candidates) -> Worth:
        """The reward of policies that are cut by ``candidates``, given their accuracy."""
        return worth_of(self.spec.reward, candidates, self.cost)

    def choose(self, candidates: Candidates, finalists: Sequence[Widths]) -> Choice:
        """The best of a few policies, by the reward on the whole validation split.

        Args:
            candidates: cut the finalists.
            finalists: at least one, each once.
        """
        judge = self.judge(candidates=candidates)
        best = judge.best(finalists)
        return Choice(best, judge.accuracy(best))

    def placed(self, device: torch.device) -> Self:
        """The same task with its network, and so every candidate, on a device."""
        if device == device_of(self.candidates.network):
            return self
        network = copy.deepcopy(self.candidates.network).to(device)
        return replace(self, candidates=self.candidates_of(network))

    def candidates_of(self, network: nn.Module) -> Candidates:
        """Candidates cut out of another network of the same input, by the same methods."""
        return candidates_of(self.spec, network, self.development, self.seed)


def criteria(candidates: Candidates) -> dict[str, Scores]:
    """Scores that some agents decide by, whichever the channels are kept by."""
    network, plan = candidates.network, candidates.plan
    return {"l1": importance.l1(network, plan), "bn-scale": importance.bn_scale(network, plan)}


def bounds_of(spec: PruneSpec, groups: Sequence[Group]) -> AllowedWidths:
    """The widths that a spec allows each group."""
    return allowed_widths(
        groups, a_max=spec.a_max, a_max_dense=spec.a_max_dense, round_to=spec.round_to
    )


def prepare(
    spec: PruneSpec,
    network: nn.Module,
    input_shape: tuple[int, int, int],
    development: Development,
    seed: int,
    recipe: Recipe | None = None,
) -> PruningTask:
    """Trace a trained network and make sure that every target can be reached.

    Args:
        spec: of the stage.
        network: dense and trained.
        input_shape: (channels, height, width) of one image.
        development: training and validation split.
        seed: as in ``PruningTask``.
        recipe: that the network was trained with; the default recipe where absent.

    Raises:
        UntraceableNetworkError: its channels cannot be followed.
        UnreachableTargetError: a target is beyond what the bounds allow.
    """
    assert input_shape == development.input_shape, (input_shape, development.input_shape)
    candidates = candidates_of(spec, network, development, seed)
    cost = CostModel.of(network, candidates.plan, input_shape)
    task = PruningTask(spec, candidates, development, cost, recipe or Recipe(), seed)
    for target in spec.targets:
        task.problem(target)
    return task


def candidates_of(
    spec: PruneSpec, network: nn.Module, development: Development, seed: int
) -> Candidates:
    """Trace a network, score its channels and ready its correction, as a spec says."""
    plan = SurgeryPlan.of(network, development.input_shape)
    shown = development.train.take(slice(spec.calibration_images))
    images = normalised(shown, development).to(device_of(network))
    return Candidates(
        network=network,
        plan=plan,
        scores=score(spec.importance, network, plan, seed),
        correction=correction(spec.correction, network, plan, images),
    )


def normalised(images: Images, development: Development) -> Tensor:
    """Pixels as networks take them, float32 (images, channels, height, width)."""
    normalize = Normalize(development.mean, development.std)
    pixels: Tensor = normalize(to_float(images.tensors()[0]))
    return pixels
