"""Generators as pruning tasks: noise for images, the dense generator's images for labels."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from agents.candidates import Candidates
from agents.rewards import LikenessWorth, Once, Widths, Worth, worth_of
from agents.task import Choice, PruningTask, candidates_of
from secateur.compression.cost import CostModel
from secateur.data import Development, Images
from secateur.errors import SpecError
from secateur.judging.judge import LikenessJudge
from secateur.records import GenerativeRecipe, Recipe
from secateur.spec import GeneratorRecoverySpec, PruneSpec
from secateur.spec.rewards import LikenessReward
from secateur.tasks import Generation
from secateur.training.evaluation import logits
from secateur.training.generative import GenerativeModel, begin, sample
from secateur.training.generative.recovery import recover

NOISE = 2048
"""Noise for the comparison of the best policies, and as much to learn from between stages."""

_MORE = 4
"""Times as much as for a reward, at most: images of some generators are dear."""

_LEAST = 1e-6
"""Of distances: an estimate can fall to 0 or below."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NoiseSplits(Development):
    """Noise in place of images, and positions in the dense generator's images for labels.

    Attributes:
        references: what the dense generator makes of the noise at each position.
    """

    references: Tensor

    @property
    def task(self) -> Generation:
        """To make the references."""
        return Generation(self.references)


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """Tries what a cut generator is worth after a short recovery, by its distance.

    Attributes:
        model: dense and trained, with its critic; left untouched.
        pixels: real images to learn from, uint8 (images, channels, height, width).
        recipe: that the model was trained with.
        spec: of the recovery.
        judge: of generated images.
        seed: of their noise.
    """

    model: GenerativeModel
    pixels: Tensor
    recipe: GenerativeRecipe
    spec: GeneratorRecoverySpec
    judge: LikenessJudge
    seed: int = 0

    def __getstate__(self) -> dict[str, Any]:
        # Layers that are reparametrised, as by a spectral norm, do not pickle.
        return vars(self) | {"model": (self.model.architecture, self.model.state_dict())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        architecture, weights = state["model"]
        model = begin(architecture, state["recipe"])
        model.load_state_dict(weights)
        vars(self).update(state | {"model": model})

    def placed(self, device: torch.device) -> Rehearsal:
        """The same on a device; the judge looks at images on the CPU."""
        return replace(self, model=copy.deepcopy(self.model).to(device))

    def distance(self, generator: nn.Module) -> float:
        """Of a generator as it is."""
        return self.judge(sample(generator, self.judge.count, self.seed)).distance

    def after_recovery(self, pruned: nn.Module) -> float:
        """Of a generator that was just cut, which is trained in place."""
        for _ in recover(pruned, self.model, self.pixels, self.recipe, self.spec.short()):
            pass
        return self.distance(pruned)


@dataclass(frozen=True)
class GeneratorTask(PruningTask):
    """What the agents of one generator share.

    Attributes:
        rehearsal: by which the best few policies are compared; by the reward where absent.
    """

    rehearsal: Rehearsal | None = None

    def placed(self, device: torch.device) -> Self:
        """The same task with its generator and the dense model on a device."""
        there = super().placed(device)
        if there is self or self.rehearsal is None:
            return there
        return replace(there, rehearsal=self.rehearsal.placed(device))

    def worth(self, candidates: Candidates) -> Worth:
        """As that of a classifier, or with the distance in it."""
        spec = self.spec.reward
        if not isinstance(spec, LikenessReward):
            return worth_of(spec, candidates, self.cost)
        assert self.rehearsal is not None, "prepare_generator() refuses this"
        return likeness_worth(spec, candidates, self.candidates.network, self.rehearsal)

    def choose(self, candidates: Candidates, finalists: Sequence[Widths]) -> Choice:
        """The policy of the least distance after a short recovery, where one is asked for."""
        if self.rehearsal is None or not self.rehearsal.spec.rerank_steps:
            return super().choose(candidates, finalists)
        best, distance = rerank(candidates, finalists, self.rehearsal)
        return Choice(best, self.judge(candidates=candidates).accuracy(best), distance)


def prepare_generator(
    spec: PruneSpec,
    generator: nn.Module,
    latent: int,
    seed: int,
    rehearsal: Rehearsal | None = None,
) -> GeneratorTask:
    """Trace a trained generator and make sure that every target can be reached.

    Agents play it as any other task: where a classifier's accuracy is, its closeness to the
    dense generator's images is, see ``tasks.Generation``; ``calibration_images`` and
    ``reward_images`` are numbers of noise vectors.

    Args:
        spec: of the stage.
        generator: dense and trained; takes noise (images, latent, 1, 1), makes images in
            [-1, 1].
        latent: values of the noise of one image.
        seed: of the noise, and of every agent.
        rehearsal: compares the best few policies, and measures the distance where the reward
            asks for it.

    Raises:
        SpecError: the reward asks for a distance, and there is no ``rehearsal``.
        UntraceableNetworkError: its channels cannot be followed.
        UnreachableTargetError: a target is beyond what the bounds allow.
    """
    if isinstance(spec.reward, LikenessReward) and rehearsal is None:
        raise SpecError("prune.reward.kind", "likeness", "another kind where nobody judges images")
    development = noise_splits(spec, generator, latent, seed)
    candidates = candidates_of(spec, generator, development, seed)
    cost = CostModel.of(generator, candidates.plan, development.input_shape)
    task = GeneratorTask(spec, candidates, development, cost, Recipe(), seed, rehearsal)
    for target in spec.targets:
        task.problem(target)
    return task


def noise_splits(spec: PruneSpec, generator: nn.Module, latent: int, seed: int) -> NoiseSplits:
    """Standard normal noise in two splits, and what a generator makes of it."""
    whole = max(spec.reward_images, min(NOISE, _MORE * spec.reward_images))
    shown, judged = max(whole, spec.calibration_images), whole
    values = np.random.default_rng(seed).standard_normal((judged + shown, latent, 1, 1))
    noise = Images(values.astype(np.float32), np.arange(len(values)))
    mean, std = (0.0,) * latent, (1.0,) * latent
    # A clone can be learned from; what comes out of inference mode cannot.
    references = logits(generator, noise, mean, std).cpu().clone()
    validation, train = noise.take(slice(judged)), noise.take(slice(judged, None))
    return NoiseSplits((), train, validation, mean, std, references=references)


def rerank(
    candidates: Candidates, finalists: Sequence[Widths], rehearsal: Rehearsal
) -> tuple[Widths, float]:
    """The policy whose generator has the least distance after a short recovery, and this.

    Args:
        candidates: cut the finalists.
        finalists: at least one, each once; of equals the first is chosen.
        rehearsal: tries them.
    """
    tried = {widths: rehearsal.after_recovery(candidates.cut(widths)) for widths in finalists}
    best = min(tried, key=tried.__getitem__)
    return best, tried[best]


def likeness_worth(
    spec: LikenessReward, candidates: Candidates, dense: nn.Module, rehearsal: Rehearsal
) -> LikenessWorth:
    """The reward with the distance, which is measured once for the same widths."""

    def distance(generator: nn.Module) -> float:
        return max(rehearsal.distance(generator), _LEAST)

    whole = distance(dense)

    def relative(widths: Widths) -> float:
        return distance(candidates.ready(widths)) / whole

    return LikenessWorth(Once(relative), spec.exponent)
