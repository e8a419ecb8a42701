"""How forward passes of a network are run: memory layout, precision, batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Execution:
    """One way to run forward passes; ``probe.fastest`` chooses one by measuring.

    Attributes:
        channels_last: keep the channels of a pixel side by side in memory.
        bfloat16: let convolutions and dense layers multiply in bfloat16 (autocast).
        batch: most images at once; with 128 the feature maps of a small network stay in
            a core's cache.
    """

    channels_last: bool = False
    bfloat16: bool = False
    batch: int = 128

    def place(self, network: nn.Module) -> nn.Module:
        """Lay out the weights of a network, in place, and return it."""
        return network.to(memory_format=torch.channels_last) if self.channels_last else network

    def batches(self, images: Tensor) -> tuple[Tensor, ...]:
        """Images (images, channels, height, width) in this layout, batch by batch.

        Batches differ by one image at most.
        """
        parts = images.tensor_split(ceil(len(images) / self.batch))
        return tuple(self.lay_out(part) for part in parts)

    def lay_out(self, images: Tensor) -> Tensor:
        """Images (images, channels, height, width) in this layout, whatever their number."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return images.contiguous(memory_format=layout)

    @contextmanager
    def running(self, device: torch.device) -> Iterator[None]:
        """Run forward passes inside in this precision, without gradients."""
        with torch.inference_mode(), self.precision(device):
            yield

    def precision(self, device: torch.device) -> torch.autocast:
        """Run forward passes inside in this precision, to train by."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self.bfloat16)


EXACT = Execution()
"""float32 in torch's own layout: what a network is fine-tuned from and judged by."""
