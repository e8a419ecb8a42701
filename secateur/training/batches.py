"""Batches out of a split that lies in memory as one tensor."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import torch
from torch import Tensor

from secateur.data.images import Images


class Batches:
    """A split on a device, batch by batch.

    Pixels stay uint8 until they are drawn: converting a batch costs some 1 % of a
    training step, and the split takes a quarter of the memory.

    Args:
        images: the split.
        size: most images a batch; one more where a single image would be left.
        device: where batches are needed.
    """

    def __init__(self, images: Images, size: int, device: torch.device) -> None:
        assert size > 0, size
        pixels, labels = images.tensors()
        self._pixels, self._labels = pixels.to(device), labels.to(device)
        self._count = ceil(len(images) / size)
        if size > 1:
            self._count = min(self._count, max(1, len(images) // 2))

    def __len__(self) -> int:
        """Batches in one pass."""
        return self._count

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Pixels (batch, channels, height, width) and labels (batch,) in stored order."""
        return zip(
            self._pixels.tensor_split(self._count),
            self._labels.tensor_split(self._count),
            strict=True,
        )

    def shuffled(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """The same in random order, drawn from a ``generator`` on the CPU.

        Each image comes once. Batches differ by one image at most: a short last batch
        would weigh its few images more, and batch norm cannot train on a single one, which
        alone is in a batch where ``size`` is 1.
        """
        order = torch.randperm(len(self._labels), generator=generator).to(self._labels.device)
        for indices in order.tensor_split(self._count):
            yield self._pixels.index_select(0, indices), self._labels.index_select(0, indices)
