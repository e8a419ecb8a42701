"""What is done to a network right after it was cut, before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from secateur.compression.execution import Execution
from secateur.compression.plan import Kept
from secateur.compression.recovery import recalibrate


class Correction(Protocol):
    """Changes a freshly cut network in place."""

    def __call__(self, pruned: nn.Module, kept: Kept, execution: Execution, /) -> None:
        """Correct a network.

        Args:
            pruned: placed as ``execution`` says.
            kept: the channels that it kept, an array a group.
            execution: how its forward passes are to be run.
        """


def untouched(_pruned: nn.Module, _kept: Kept, _execution: Execution) -> None:
    """The correction that does nothing."""


@dataclass(frozen=True, eq=False)
class Recalibration:
    """Batch norm statistics taken anew, the default: see ``recovery.recalibrate``.

    Attributes:
        images: normalised training images, on the networks' device; 2 or more.
    """

    images: Tensor

    def __call__(self, pruned: nn.Module, _kept: Kept, execution: Execution) -> None:
        """As ``Correction``."""
        with execution.running(self.images.device):
            recalibrate(pruned, execution.batches(self.images))
