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


def drawn(
    pixels: Tensor, batch: int, generator: torch.Generator, device: torch.device
) -> Iterator[Tensor]:
    """Batches of images in random order, without end.

    Each pass over the data is in a new order, and leaves out what fills no batch. A data set
    that is smaller than a batch is a batch.

    Args:
        pixels: (n, channels, height, width), as ``to_signed`` takes them; they stay as they
            are until they are drawn.
        batch: images at once.
        generator: of the order, on the CPU.
        device: where the images are needed.

    Yields:
        float32 (batch, channels, height, width) in [-1, 1].

    Raises:
        DataError: fewer than 2 images.
    """
    if len(pixels) < _LEAST:
        raise DataError(f"data: {len(pixels)} training images; expected {_LEAST} and more")
    pixels, batch = pixels.to(device), min(batch, len(pixels))
    whole = len(pixels) // batch * batch
    while True:
        order = torch.randperm(len(pixels), generator=generator)[:whole].to(device)
        for indices in order.view(-1, batch):
            yield to_signed(pixels.index_select(0, indices))
