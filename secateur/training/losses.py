"""What training minimises.

An objective is called with the outputs (batch, outputs) of the network in training, the
normalised images (batch, channels, height, width) that it saw, and the targets (batch,);
it returns a scalar, the mean over the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.training.class_losses import ClassLoss, cross_entropy
from secateur.training.value_losses import ValueLoss

Objective = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class ClassObjective:
    """A loss of classifiers.

    Attributes:
        loss: of logits, labels and label smoothing.
        label_smoothing: share of the target mass that is spread evenly over all
            classes (Szegedy et al. 2016, section 7), in [0, 1).
    """

    loss: ClassLoss
    label_smoothing: float = 0.0

    def __call__(self, logits: Tensor, _images: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch."""
        return self.loss(logits, labels, self.label_smoothing)


@dataclass(frozen=True)
class ValueObjective:
    """A loss of regressions.

    Attributes:
        loss: of answers and values, in units of ``scale``.
        scale: what an output of 1 stands for.
    """

    loss: ValueLoss
    scale: float = 1.0

    def __call__(self, outputs: Tensor, _images: Tensor, values: Tensor) -> Tensor:
        """Mean over the batch."""
        return self.loss(outputs[:, 0], values / self.scale)


class Distillation:
    """A loss on the labels mixed with a teacher's softened answers (Hinton et al. 2015).

    (1 - w)·hard(student) + w·T²·KL(teacher at T || student at T), both means over the
    batch, in nats; T² keeps the gradients of the two terms in proportion whatever the
    temperature (section 2 of the paper).

    Args:
        teacher: takes the images that the student takes, on the same device; it is put
            into evaluation mode and gets no gradients.
        weight: w, in [0, 1].
        temperature: T, above 0.
        hard: the loss on the labels; cross-entropy where absent.
    """

    def __init__(
        self, teacher: nn.Module, weight: float, temperature: float, hard: Objective | None = None
    ) -> None:
        assert 0 <= weight <= 1, weight
        assert temperature > 0, temperature
        self._teacher = teacher.eval()
        self._weight = weight
        self._temperature = temperature
        self._hard = hard or ClassObjective(cross_entropy)

    def __call__(self, logits: Tensor, images: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch."""
        with torch.no_grad():
            answers = self._soft(self._teacher(images).float())
        soft = F.kl_div(self._soft(logits), answers, reduction="batchmean", log_target=True)
        hard = self._hard(logits, images, labels)
        return (1 - self._weight) * hard + self._weight * self._temperature**2 * soft

    def _soft(self, logits: Tensor) -> Tensor:
        return F.log_softmax(logits / self._temperature, dim=1)


class Imitation:
    """A loss on the values mixed with the squared difference to a teacher's outputs.

    (1 - w)·hard(student) + w·MSE(student, teacher), in units of the outputs.

    Args:
        teacher: as that of ``Distillation``.
        weight: w, in [0, 1].
        hard: the loss on the values.
    """

    def __init__(self, teacher: nn.Module, weight: float, hard: Objective) -> None:
        assert 0 <= weight <= 1, weight
        self._teacher = teacher.eval()
        self._weight = weight
        self._hard = hard

    def __call__(self, outputs: Tensor, images: Tensor, values: Tensor) -> Tensor:
        """Mean over the batch."""
        with torch.no_grad():
            answers = self._teacher(images).float()
        hard = self._hard(outputs, images, values)
        return (1 - self._weight) * hard + self._weight * F.mse_loss(outputs, answers)
