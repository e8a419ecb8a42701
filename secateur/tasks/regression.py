"""Regression: what number belongs to an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.errors import SpecError
from secateur.records import TaskKind
from secateur.tasks.task import Credit, named
from secateur.training import value_losses
from secateur.training.losses import Imitation, Objective, ValueObjective

_OWN = "mse"


@dataclass(frozen=True)
class Regression:
    """One number comes out of a network, in units of ``scale``; the score is R².

    R² = 1 - Σ (answer - value)² / Σ (mean value - value)²: 1 at best, 0 for always answering
    the mean, negative for worse.

    Attributes:
        scale: what an output of 1 stands for, above 0: the greatest magnitude that values
            can have, so that outputs lie in [-1, 1].
    """

    scale: float = 1.0
    kind: TaskKind = "regression"
    counts: bool = False

    def objective(self, loss: str, label_smoothing: float) -> Objective:
        """One of ``value_losses.LOSSES``, ``mse`` by itself, in units of ``scale``."""
        chosen = named(value_losses.LOSSES, loss, _OWN)
        if label_smoothing:
            raise SpecError("label_smoothing", label_smoothing, "0: a regression has no labels")
        return ValueObjective(chosen, self.scale)

    def imitation(
        self, teacher: nn.Module, weight: float, temperature: float, hard: Objective
    ) -> Objective:
        """The mean squared difference to the teacher's outputs; there is nothing to soften."""
        return Imitation(teacher, weight, hard)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean squared error in units of ``scale``²."""
        return F.mse_loss(outputs[:, 0], targets / self.scale)

    def credit(self, targets: Tensor) -> Credit:
        """1 - (answer - value)² / variance of the values: 1 at best, the mean is R²."""
        spread = targets.double().var(correction=0).clamp_min(torch.finfo(torch.float32).tiny)

        def explained(outputs: Tensor, values: Tensor) -> Tensor:
            return 1 - (outputs[:, 0].double() * self.scale - values).square() / spread

        return explained

    def reward(self, score: float) -> float:
        """R²; what is worse than the mean is worth no more than it."""
        return max(0.0, score)

    def head(self) -> nn.Module:
        """Outputs to values."""
        return Scale(self.scale)

    def figures(self, answers: NDArray[Any], targets: NDArray[Any]) -> dict[str, float]:
        """R², mean squared and mean absolute error, of answers (inputs, 1) in the values' unit."""
        errors = answers[:, 0].astype(np.float64) - targets
        mse = float(np.square(errors).mean())
        spread = max(float(targets.astype(np.float64).var()), float(np.finfo(np.float32).tiny))
        return {"accuracy": 1 - mse / spread, "mse": mse, "mae": float(np.abs(errors).mean())}


class Scale(nn.Module):
    """Multiplication by a constant; part of the graph that is served.

    Args:
        factor: the constant.
    """

    factor: Tensor

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor, dtype=torch.float32))

    def forward(self, outputs: Tensor) -> Tensor:
        """Scale a batch."""
        return outputs * self.factor
