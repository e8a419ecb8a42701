"""What every way of learning works with, and what it has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from secateur.compression.execution import Execution
from secateur.records import GenerativeRecipe, Recipe
from secateur.training import optimizers
from secateur.training.generative.images import Draws
from secateur.training.generative.model import GenerativeModel
from secateur.training.modes import learning

Losses = dict[str, Tensor]
"""Losses of one step by name, scalars without a gradient."""


class Learner(Protocol):
    """One way of learning, at work on one model."""

    @property
    def optimizers(self) -> Sequence[Optimizer]:
        """Of all networks that learn, at the recipe's learning rates."""

    def step(self) -> Losses:
        """Let all networks learn from one batch, the critic from several."""


@dataclass(frozen=True)
class Setting:
    """What stays the same throughout a training.

    Attributes:
        model: that learns, on its own device.
        recipe: how.
        images: batches of real images in [-1, 1], without end.
        random: source of all random numbers, on the CPU.
        execution: memory layout and precision.
        device: of the model.
    """

    model: GenerativeModel
    recipe: GenerativeRecipe
    images: Draws
    random: torch.Generator
    execution: Execution
    device: torch.device

    def draw(self) -> Tensor:
        """The next batch of real images."""
        return self.execution.lay_out(next(self.images))

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers on the model's device."""
        return torch.randn(shape, generator=self.random).to(self.device)

    def precision(self) -> torch.autocast:
        """Runs what is inside in the training's precision."""
        return self.execution.precision(self.device)

    def optimizer(self, *networks: nn.Module | None, rate: float | None = None) -> Optimizer:
        """One optimizer of several networks, at the recipe's learning rate unless said.

        Raises:
            SpecError: an unknown optimizer.
        """
        parameters = [
            parameter
            for network in networks
            if network is not None
            for parameter in learning(network)
        ]
        rate = rate or self.recipe.learning_rate
        built = optimizers.build(
            parameters, Recipe(optimizer=self.recipe.optimizer, learning_rate=rate)
        )
        for group in built.param_groups:
            group["full_lr"] = rate
            if "betas" in group:
                group["betas"] = (self.recipe.momentum, group["betas"][1])
            elif group.get("momentum"):
                group["momentum"] = self.recipe.momentum
        return built


def descend(loss: Tensor, optimizer: Optimizer) -> Tensor:
    """One step of an optimizer down a loss; returns the loss without its gradient."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()
    return loss.detach()
