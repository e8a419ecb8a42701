"""How a pruned generator learns again: from the dense one, and from its critic."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.compression.rebuild import duplicate
from secateur.errors import SpecError
from secateur.models.generators import Networks
from secateur.models.generators.sampler import Sampler
from secateur.records import GenerativeRecipe
from secateur.spec import GeneratorRecoverySpec
from secateur.training.generative.adversarial import Adversarial
from secateur.training.generative.denoising import Denoising, ImitatingDenoiser
from secateur.training.generative.loop import GenerativeTraining
from secateur.training.generative.model import GenerativeModel
from secateur.training.generative.setting import Learner, Losses, Setting, descend


def recover(
    pruned: nn.Module,
    model: GenerativeModel,
    pixels: Tensor,
    recipe: GenerativeRecipe,
    spec: GeneratorRecoverySpec,
) -> GenerativeTraining:
    """Train a pruned generator in place, an interval each time that metrics are asked for.

    Whenever metrics are handed out ``pruned`` is in evaluation mode and holds the weights
    that are to be judged: the running average where one is kept.

    Args:
        pruned: cut from ``model.generator``, on the same device; has the attribute ``latent``.
        model: dense and trained; left untouched.
        pixels: real images, as ``train`` takes them.
        recipe: that the model was trained with.
        spec: of the recovery.

    Returns:
        Means over the interval: the losses of ``Adversarial``, of which ``further`` is the
        weighted difference to the dense generator's images, or this alone as ``imitation``;
        of a diffusion model, whose images take too many runs to learn from them, those of
        ``ImitatingDenoiser``. Raises as ``train`` does.

    Raises:
        SpecError: no weight for the distillation, and no critic to learn from.
    """
    check(model, spec)
    dense = duplicate(model.generator).eval()

    def learns(setting: Setting) -> Learner:
        if isinstance(dense, Sampler):
            return _denoising(dense, spec.distillation, setting)
        imitation = Imitation(dense, spec.distillation, setting)
        if setting.model.critic is None:
            return Imitating(setting, imitation)
        return Adversarial(setting, imitation if spec.distillation else None)

    student = _student(pruned, model, spec)
    return GenerativeTraining(learns, student, pixels, _gentler(recipe, spec))


def check(model: GenerativeModel, spec: GeneratorRecoverySpec) -> None:
    """Refuse a recovery in which nothing is left to learn from.

    Raises:
        SpecError: no weight for the distillation, and no critic to learn from.
    """
    alone = model.critic is None and not isinstance(model.generator, Sampler)
    if alone and not spec.distillation:
        expected = f"above 0 for {model.architecture.name}, which has no critic"
        raise SpecError("recover.distillation", 0, expected)


class Imitation:
    """The mean absolute difference to what the dense generator makes of the same noise.

    Args:
        dense: in evaluation mode, on the setting's device.
        weight: of the difference.
        setting: of the training.
    """

    def __init__(self, dense: nn.Module, weight: float, setting: Setting) -> None:
        self._dense, self._weight, self._setting = dense, weight, setting

    def __call__(self, noise: Tensor, images: Tensor) -> Tensor:
        """The weighted mean over all pixels of a batch."""
        with torch.no_grad(), self._setting.precision():
            wanted: Tensor = self._dense(noise)
        return self._weight * F.l1_loss(images, wanted.float())


class Imitating:
    """The way of learning of a generator that has no critic."""

    def __init__(self, setting: Setting, imitation: Imitation) -> None:
        self._setting, self._imitation = setting, imitation
        self._generator = setting.model.trained
        self.optimizers = (setting.optimizer(self._generator),)

    def step(self) -> Losses:
        """One step, on noise alone: real images give no more than their number."""
        latent = self._generator.latent
        assert isinstance(latent, int), latent
        noise = self._setting.normal(self._setting.recipe.batch_size, latent, 1, 1)
        with self._setting.precision():
            images = self._generator(noise)
        return {"imitation": descend(self._imitation(noise, images.float()), self.optimizers[0])}


def _denoising(dense: Sampler, weight: float, setting: Setting) -> Learner:
    return ImitatingDenoiser(setting, dense.denoiser, weight) if weight else Denoising(setting)


def _student(
    pruned: nn.Module, model: GenerativeModel, spec: GeneratorRecoverySpec
) -> GenerativeModel:
    """Networks around ``pruned``, which is the average where one is kept."""
    averaged = spec.ema > 0
    # Not `duplicate`: the layers of a critic may be reparametrised.
    critic = copy.deepcopy(model.critic) if spec.adversarial else None
    # A running average, which is what is cut, may be frozen.
    learning = (duplicate(pruned) if averaged else pruned).requires_grad_(True)
    student = GenerativeModel(model.architecture, Networks(learning, critic), averaged=False)
    if averaged:
        student.average = pruned
    return student


def _gentler(recipe: GenerativeRecipe, spec: GeneratorRecoverySpec) -> GenerativeRecipe:
    """As long as the spec says, at lower rates."""
    factor, critic_rate = spec.learning_rate_factor, recipe.critic_rate
    return recipe.model_copy(
        update={
            "learning_rate": factor * recipe.learning_rate,
            "critic_rate": None if critic_rate is None else factor * critic_rate,
            "steps": spec.steps,
            "seconds": spec.seconds,
            "interval": spec.interval,
            "ema": spec.ema,
        }
    )
