"""What training minimises.

An objective is called with the logits (batch, classes) of the network in training, the
normalised images (batch, channels, height, width) that it saw, and the labels (batch,);
it returns a scalar, the mean over the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Objective = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy, in nats.

    Attributes:
        label_smoothing: share of the target mass that is spread evenly over all
            classes (Szegedy et al. 2016, section 7), in [0, 1).
    """

    label_smoothing: float = 0.0

    def __call__(self, logits: Tensor, _images: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch."""
        return F.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)


class Distillation:
    """Cross-entropy mixed with a teacher's softened answers (Hinton et al. 2015).

    (1 - w)·CE(student, labels) + w·T²·KL(teacher at T || student at T), both means over
    the batch, in nats; T² keeps the gradients of the two terms in proportion whatever
    the temperature (section 2 of the paper).

    Args:
        teacher: takes the images that the student takes, on the same device; it is put
            into evaluation mode and gets no gradients.
        weight: w, in [0, 1].
        temperature: T, above 0.
        label_smoothing: of the cross-entropy.
    """

    def __init__(
        self, teacher: nn.Module, weight: float, temperature: float, label_smoothing: float = 0.0
    ) -> None:
        assert 0 <= weight <= 1, weight
        assert temperature > 0, temperature
        self._teacher = teacher.eval()
        self._weight = weight
        self._temperature = temperature
        self._hard = CrossEntropy(label_smoothing)

    def __call__(self, logits: Tensor, images: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch."""
        with torch.no_grad():
            answers = self._soft(self._teacher(images))
        soft = F.kl_div(self._soft(logits), answers, reduction="batchmean", log_target=True)
        hard = self._hard(logits, images, labels)
        return (1 - self._weight) * hard + self._weight * self._temperature**2 * soft

    def _soft(self, logits: Tensor) -> Tensor:
        return F.log_softmax(logits / self._temperature, dim=1)
