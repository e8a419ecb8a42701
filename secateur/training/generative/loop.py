"""Training of generative networks: the same loop around every way of learning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn

from secateur.compression.execution import Execution
from secateur.errors import StageError
from secateur.models.generators import build_networks
from secateur.models.generators.registry import Learns
from secateur.models.generators.sampler import Sampler
from secateur.records import GenerativeMetrics, GenerativeRecipe
from secateur.training import machine, schedules
from secateur.training.checkpoint import identity
from secateur.training.evaluation import device_of
from secateur.training.generative import ema
from secateur.training.generative.adversarial import Adversarial
from secateur.training.generative.denoising import Denoising
from secateur.training.generative.images import Draws
from secateur.training.generative.model import GenerativeModel
from secateur.training.generative.setting import Learner, Losses, Setting
from secateur.training.generative.variational import Variational
from secateur.training.generative.variational_adversarial import VariationalAdversarial

_LEAST_FLOPS = 20_000_000
"""Of a batch through the critic, from which on other precisions and layouts are tried; three
networks share the cost of the conversions, so less of it than in supervised training."""

LEARNERS: dict[Learns, Callable[[Setting], Learner]] = {
    "adversarial": Adversarial,
    "variational": Variational,
    "variational-adversarial": VariationalAdversarial,
    "denoising": Denoising,
}
"""All ways of learning, by the names that families are registered with."""


class GenerativeTraining(Iterator[GenerativeMetrics]):
    """One training, an interval each time the next metrics are asked for.

    Whenever metrics are handed out all networks are in evaluation mode, and ``generator`` can
    be judged or sampled; who has seen enough stops asking. The same recipe, data, initial
    weights, machine and number of threads give the same weights, whatever else draws random
    numbers meanwhile. Only with ``seconds`` the number of steps, and with it the weights,
    depends on how fast the machine is; then the learning rate falls with the time as well.

    Args:
        learns: the way of learning.
        model: trained in place, on its own device, from the weights that it has.
        pixels: real images, uint8 (n, channels, height, width), or float32 in [0, 1]; a set
            smaller than a batch is a batch.
        recipe: that the model was begun with.

    Raises:
        DataError: fewer than 2 images.
        SpecError: an unknown optimizer or schedule.
        StageError: when asked for metrics, a loss that is not finite; the model is then of no use.
    """

    def __init__(
        self,
        learns: Callable[[Setting], Learner],
        model: GenerativeModel,
        pixels: Tensor,
        recipe: GenerativeRecipe,
    ) -> None:
        self._setting = _setting(model, pixels, recipe)
        self._learner = learns(self._setting)
        self._course = _Course(recipe, self._learner)
        self._step, self._clock, self._over = 0, _Clock(), False
        facts = (*pixels.shape, pixels.sum(dtype=torch.float64).item())
        self._identity = identity(recipe, model, facts)

    def __next__(self) -> GenerativeMetrics:
        """Mean losses of an interval, and the CPU time of training alone so far."""
        if self._over:
            raise StopIteration
        model, recipe, losses = self._setting.model, self._setting.recipe, _Means()
        model.learning_mode()
        self._clock.go()
        while not self._over:
            losses.add(self._stepped())
            if self._step % recipe.interval == 0:
                break
        means = losses.take()
        _check(means, self._step, recipe)
        model.eval()
        self._clock.stop()
        return GenerativeMetrics(
            step=self._step, losses=means, seconds=self._clock.seconds, last=self._over
        )

    def _stepped(self) -> Losses:
        model, recipe = self._setting.model, self._setting.recipe
        self._step += 1
        self._course.set_rates(self._step, self._clock.seconds)
        losses = self._learner.step()
        if model.average is not None:
            ema.update(model.average, model.trained, recipe.ema, self._step)
        spent = self._clock.seconds >= (recipe.seconds or float("inf"))
        self._over = spent or self._step == recipe.steps
        return losses

    def state_dict(self) -> dict[str, Any]:
        """All that changes from interval to interval; tensors are not copied."""
        setting = self._setting
        return {
            "training": self._identity,
            "step": self._step,
            "seconds": self._clock.seconds,
            "over": self._over,
            "model": setting.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._learner.optimizers],
            "random": setting.random.get_state(),
            "left": setting.images.left,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> bool:
        """Go on from a state of the same training, to the very weights that come without a pause.

        Returns:
            Whether it is one; nothing is changed by another training's.
        """
        setting = self._setting
        if state["training"] != self._identity:
            return False
        self._step, self._over = state["step"], state["over"]
        self._clock = _Clock(state["seconds"])
        setting.model.load_state_dict(state["model"])
        for optimizer, kept in zip(self._learner.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        setting.random.set_state(state["random"].cpu())
        setting.images.left = state["left"].to(setting.device)
        return True


def train(model: GenerativeModel, pixels: Tensor, recipe: GenerativeRecipe) -> GenerativeTraining:
    """Train a model by its family's way of learning; arguments as of ``GenerativeTraining``."""
    return GenerativeTraining(LEARNERS[model.learns], model, pixels, recipe)


def _setting(model: GenerativeModel, pixels: Tensor, recipe: GenerativeRecipe) -> Setting:
    device = device_of(model)
    batch = min(recipe.batch_size, len(pixels))
    random = torch.Generator().manual_seed(recipe.seed)
    execution = _execution(model, batch, recipe)
    execution.place(model)
    return Setting(
        model=model,
        recipe=recipe,
        images=Draws(pixels, batch, random, device),
        random=random,
        execution=execution,
        device=device,
    )


def _execution(model: GenerativeModel, batch: int, recipe: GenerativeRecipe) -> Execution:
    """As for the network that has most to do, probed by a fresh one of its kind."""
    networks, shape = (
        build_networks(model.architecture, recipe.seed),
        model.architecture.input_shape,
    )
    probe: nn.Module | None = networks.critic or networks.encoder
    if probe is None:
        assert isinstance(networks.generator, Sampler), model.architecture.name
        probe, shape = networks.generator.once(), (networks.generator.latent, 1, 1)
    probe = probe.to(device_of(model))
    return machine.execution(probe, (batch, *shape), recipe.precision, _LEAST_FLOPS)


class _Clock:
    """CPU time of this process, while it runs; stopped at first."""

    def __init__(self, before: float = 0.0) -> None:
        self._before = before
        self._began: float | None = None

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._began is None else process_time() - self._began)

    def stop(self) -> None:
        self._before, self._began = self.seconds, None

    def go(self) -> None:
        self._began = process_time()


class _Course:
    """Learning rates over a training."""

    def __init__(self, recipe: GenerativeRecipe, learner: Learner) -> None:
        self._recipe, self._learner = recipe, learner
        self._schedule = schedules.named(recipe.schedule)

    def set_rates(self, step: int, seconds: float) -> None:
        """Set those of a step, from 1, after so much CPU time."""
        recipe, place = self._recipe, step - 1
        if recipe.seconds is not None:
            place = max(place, int(recipe.steps * seconds / recipe.seconds))
        share = self._schedule(min(place, recipe.steps - 1), recipe.steps)
        for optimizer in self._learner.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = share * group["full_lr"]


class _Means:
    """Means of the losses of an interval, left on the device until they are asked for."""

    def __init__(self) -> None:
        self._sums: Losses = {}
        self._count = 0

    def add(self, losses: Losses) -> None:
        for name, loss in losses.items():
            self._sums[name] = self._sums[name] + loss if name in self._sums else loss.clone()
        self._count += 1

    def take(self) -> dict[str, float]:
        means = {name: total.item() / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        return means


def _check(means: dict[str, float], step: int, recipe: GenerativeRecipe) -> None:
    for name, loss in means.items():
        if not isfinite(loss):
            raise StageError(
                f"step {step}: {name} loss is {loss}; expected a finite loss, try a learning "
                f"rate below {recipe.learning_rate:g} or another constraint on the critic"
            )
