"""Classification: which of some classes an image shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.records import TaskKind
from secateur.tasks.task import Credit, named
from secateur.training import class_losses
from secateur.training.losses import ClassObjective, Distillation, Objective

_OWN = "cross-entropy"


@dataclass(frozen=True)
class Classification:
    """Logits of the classes come out of a network; the score is the accuracy."""

    kind: TaskKind = "classification"
    counts: bool = True

    def objective(self, loss: str, label_smoothing: float) -> Objective:
        """One of ``class_losses.LOSSES``, cross-entropy by itself; see ``Task``."""
        return ClassObjective(named(class_losses.LOSSES, loss, _OWN), label_smoothing)

    def imitation(
        self, teacher: nn.Module, weight: float, temperature: float, hard: Objective
    ) -> Objective:
        """Hinton et al. 2015: see ``Distillation``."""
        return Distillation(teacher, weight, temperature, hard=hard)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, in nats."""
        return F.cross_entropy(outputs, targets)

    def credit(self, _targets: Tensor) -> Credit:
        """1 for the right class, 0 for any other."""
        return _right

    def reward(self, score: float) -> float:
        """The accuracy itself."""
        return score

    def head(self) -> nn.Module:
        """Logits to probabilities."""
        return nn.Softmax(dim=1)

    def figures(self, answers: NDArray[Any], targets: NDArray[Any]) -> dict[str, float]:
        """The accuracy, of probabilities (images, classes)."""
        return {"accuracy": float((answers.argmax(axis=1) == targets).mean())}


def _right(outputs: Tensor, targets: Tensor) -> Tensor:
    return outputs.argmax(dim=1) == targets


CLASSIFICATION = Classification()
