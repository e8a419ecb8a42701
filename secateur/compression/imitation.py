"""A few steps of training towards the dense network's answers, before a cut network is judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.compression.correction import Recalibration
from secateur.compression.execution import EXACT, Execution
from secateur.compression.plan import Kept
from secateur.compression.rebuild import detached
from secateur.compression.recovery import norms_alone_training

STEPS = 25
"""Few, since every candidate takes them."""
BATCH = 32
RATE = 2e-3


class Imitation:
    """Lets a cut network imitate the dense one for some steps, so that what it can learn counts.

    Right after a cut answers tell which weights are gone; what a network is worth after its
    recovery depends on the channels that are left to learn with. NetAdapt fine-tunes every
    candidate shortly before it compares them (Yang et al. 2018, section 3.2); here the dense
    network teaches, and no label is needed: Adam on the mean squared difference of the outputs
    (Ba & Caruana 2014, equation 1), the same batches in the same order for every candidate.
    Batch norm statistics are taken anew before and after.

    Args:
        network: dense and trained, left untouched.
        images: normalised training images, on the network's device; 2 or more.
        steps: of Adam, 1 or more.
        rate: of Adam, above 0.
    """

    def __init__(
        self, network: nn.Module, images: Tensor, steps: int = STEPS, rate: float = RATE
    ) -> None:
        assert steps > 0, steps
        self._recalibration = Recalibration(images)
        self._network, self._images, self._steps, self._rate = network, images, steps, rate

    def __call__(self, pruned: nn.Module, kept: Kept, execution: Execution) -> None:
        """As ``Correction``."""
        self._recalibration(pruned, kept, execution)
        with torch.inference_mode(False), torch.enable_grad(), _learning(pruned):
            self._imitate(pruned, execution)
        self._recalibration(pruned, kept, execution)

    def _imitate(self, pruned: nn.Module, execution: Execution) -> None:
        optimizer = torch.optim.Adam(pruned.parameters(), self._rate)
        for chosen in self._batches():
            with execution.precision(self._images.device):
                outputs: Tensor = pruned(execution.lay_out(self._images[chosen]))
            loss = F.mse_loss(outputs.float(), self._answers[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()

    @cached_property
    def _answers(self) -> Tensor:
        """The dense network's outputs; made where they are first needed, not pickled about."""
        network = detached(self._network).eval()
        with torch.no_grad():
            return torch.cat([network(part) for part in EXACT.batches(self._images)])

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_answers"}

    def _batches(self) -> Iterator[Tensor]:
        """Positions of images, epoch by epoch in another order, whole batches alone."""
        count, order = len(self._images), torch.Generator().manual_seed(0)
        size, left = min(BATCH, count), self._steps
        while left:
            for batch in torch.split(torch.randperm(count, generator=order), size)[:left]:
                if len(batch) == size:
                    yield batch
                    left -= 1


@contextmanager
def _learning(network: nn.Module) -> Iterator[None]:
    """All weights free, batch norms by their batches; as before in the end, without gradients.

    Dropout is off: the same widths are to be worth the same.
    """
    free = {weight: weight.requires_grad for weight in network.parameters()}
    try:
        network.requires_grad_(True)
        with norms_alone_training(network):
            yield
    finally:
        for weight, was_free in free.items():
            weight.requires_grad_(was_free).grad = None
