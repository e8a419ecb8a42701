"""What a policy is worth: accuracy on images held out from training, without fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from secateur.compression.importance import Scores, keep
from secateur.compression.plan import SurgeryPlan
from secateur.compression.recovery import recalibrate
from secateur.errors import NonFiniteRewardError

BATCH = 256


@dataclass(frozen=True)
class Candidates:
    """Cuts candidates out of one dense network.

    Attributes:
        network: dense and trained; never altered.
        plan: of its surgery.
        scores: importance of every channel, a group.
        calibration: normalised training images, on which batch-norm statistics are taken
            anew: right after surgery accuracy says little at high cuts.
    """

    network: nn.Module
    plan: SurgeryPlan
    scores: Scores
    calibration: Tensor

    def cut(self, widths: Sequence[int]) -> nn.Module:
        """The network pruned to ``widths`` by importance, and recalibrated."""
        pruned = self.plan.prune(self.network, keep(self.scores, widths))
        recalibrate(pruned, [self.calibration])
        return pruned


class RecalibratedAccuracy:
    """Accuracy of a policy's network on a fixed set of images.

    Widths that were seen before are answered from memory.

    Args:
        candidates: cuts the networks.
        images: normalised, to judge by.
        labels: their classes.
    """

    def __init__(self, candidates: Candidates, images: Tensor, labels: Tensor) -> None:
        self._candidates = candidates
        pairs = zip(torch.split(images, BATCH), torch.split(labels, BATCH), strict=True)
        self._batches = list(pairs)
        self._known: dict[tuple[int, ...], float] = {}

    def __call__(self, widths: tuple[int, ...]) -> float:
        """The accuracy, in [0, 1].

        Raises:
            NonFiniteRewardError: the network's answers are not finite.
        """
        if widths not in self._known:
            self._known[widths] = self._measure(widths)
        return self._known[widths]

    @torch.inference_mode()
    def _measure(self, widths: tuple[int, ...]) -> float:
        network = self._candidates.cut(widths).eval()
        right = count = 0
        for images, labels in self._batches:
            logits = network(images)
            if not torch.isfinite(logits).all():
                raise NonFiniteRewardError(
                    f"reward of widths {list(widths)}: the network's answers are not finite; "
                    "expected finite logits on every validation image"
                )
            right += int((logits.argmax(dim=1) == labels).sum())
            count += len(labels)
        return right / count
