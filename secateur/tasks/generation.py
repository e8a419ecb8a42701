"""Generation: which image another generator makes of the same noise."""

from __future__ import annotations

from dataclasses import dataclass, field
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
from secateur.training.losses import Imitation, Objective
from secateur.training.value_losses import ValueLoss

_OWN = "mse"


@dataclass(frozen=True, eq=False)
class Generation:
    """Images in [-1, 1] come out of a network; they are to be those of another one.

    Targets (batch,) are positions in the references.  The error of images is
    e = Σ (pixel - its reference)² / Σ (the pixel's mean over the references - its reference)²,
    so 0 for the references themselves and 1 for always making their mean image.  The score is
    R² = 1 - e.  Cut generators are soon worse than the mean image, so agents are paid by
    closeness, 1 / (1 + e), which tells those apart as well.

    Attributes:
        references: float32 (images, channels, height, width): what another generator makes of
            the noise at each position.
    """

    references: Tensor = field(repr=False)
    kind: TaskKind = "generation"
    counts: bool = False

    def objective(self, loss: str, label_smoothing: float) -> Objective:
        """One of ``value_losses.LOSSES``, ``mse`` by itself, over all pixels."""
        chosen = named(value_losses.LOSSES, loss, _OWN)
        if label_smoothing:
            raise SpecError("label_smoothing", label_smoothing, "0: generators have no labels")
        return _ToReferences(self, chosen)

    def imitation(
        self, teacher: nn.Module, weight: float, temperature: float, hard: Objective
    ) -> Objective:
        """The mean squared difference to the teacher's images; there is nothing to soften."""
        return Imitation(teacher, weight, hard)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Mean squared error of the pixels."""
        return F.mse_loss(outputs, self.made(targets))

    def credit(self, targets: Tensor) -> Credit:
        """1 - an image's squared error / that of the mean image, both means over pixels."""
        wanted = self.made(targets)
        spread = wanted.double().var(dim=0, correction=0).mean()
        spread = spread.clamp_min(torch.finfo(torch.float32).tiny)

        def explained(outputs: Tensor, positions: Tensor) -> Tensor:
            errors = (outputs.float() - self.made(positions)).square().flatten(1)
            return 1 - errors.double().mean(dim=1) / spread

        return explained

    def reward(self, score: float) -> float:
        """Closeness: 1 at best, 0.5 for always making the mean image, near 0 for the worst."""
        return 1 / (2 - min(score, 1.0))

    def head(self) -> nn.Module:
        """Values in [-1, 1] to pixels in [0, 1]."""
        return ToPixels()

    def figures(self, answers: NDArray[Any], targets: NDArray[Any]) -> dict[str, float]:
        """R² and the mean squared error, of images with pixels in [0, 1]."""
        positions = torch.from_numpy(targets)
        images = torch.from_numpy(2 * np.asarray(answers, np.float32) - 1)
        score = self.credit(positions)(images, positions).mean().item()
        return {"accuracy": score, "mse": self.loss(images, positions).item() / 4}

    def made(self, positions: Tensor) -> Tensor:
        """The references at positions, on the device of these."""
        return self.references[positions.to(self.references.device)].to(positions.device)


@dataclass(frozen=True)
class _ToReferences:
    """An ``Objective``: how far images are from the references."""

    task: Generation
    loss: ValueLoss

    def __call__(self, outputs: Tensor, _noise: Tensor, positions: Tensor) -> Tensor:
        return self.loss(outputs, self.task.made(positions))


class ToPixels(nn.Module):
    """(value + 1) / 2; part of the graph that is served.

    What rounding left outside of [0, 1] is moved to the edge.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Values in [-1, 1] to pixels in [0, 1], of any shape."""
        return (images / 2 + 0.5).clamp(0, 1)
