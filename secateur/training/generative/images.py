"""Real images, as generative networks see them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from secateur.errors import DataError
from secateur.training.preprocess import to_float

_LEAST = 2  # batch norm cannot train on a single image


def to_signed(pixels: Tensor) -> Tensor:
    """uint8 pixels, 0 to 255, of any shape -> new float32 pixels in [-1, 1].

    Numbers that are float32 already lie in [0, 1].
    """
    return to_float(pixels) * 2 - 1


class Draws(Iterator[Tensor]):
    """Batches of images in random order, without end.

    Each pass over the data is in a new order, and leaves out what fills no batch. A data set
    that is smaller than a batch is a batch. A batch is float32 (batch, channels, height, width)
    in [-1, 1].

    Args:
        pixels: (n, channels, height, width), as ``to_signed`` takes them; they stay as they
            are until they are drawn.
        batch: images at once.
        generator: of the order, on the CPU.
        device: where the images are needed.

    Attributes:
        left: places of the images that this pass has still to draw, in their order.

    Raises:
        DataError: fewer than 2 images.
    """

    def __init__(
        self, pixels: Tensor, batch: int, generator: torch.Generator, device: torch.device
    ) -> None:
        if len(pixels) < _LEAST:
            raise DataError(f"data: {len(pixels)} training images; expected {_LEAST} and more")
        self._pixels, self._batch = pixels.to(device), min(batch, len(pixels))
        self._generator, self._device = generator, device
        self.left = torch.empty(0, dtype=torch.int64, device=device)

    def __next__(self) -> Tensor:
        """The next batch."""
        if not len(self.left):
            order = torch.randperm(len(self._pixels), generator=self._generator)
            self.left = order[: len(order) // self._batch * self._batch].to(self._device)
        indices, self.left = self.left[: self._batch], self.left[self._batch :]
        return to_signed(self._pixels.index_select(0, indices))
