"""From stored pixels to what a network takes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_WHITE = 255


def to_float(pixels: Tensor) -> Tensor:
    """uint8 pixels, 0 to 255, of any shape -> new float32 pixels in [0, 1].

    Numbers that are no pixels are float32 already, and stay as they are.
    """
    if pixels.dtype == torch.float32:
        return pixels
    assert pixels.dtype == torch.uint8, pixels.dtype
    return pixels.float().div_(_WHITE)


class Normalize(nn.Module):
    """(pixels - mean) / std of each channel; part of the graph that is served.

    Takes and returns float (batch, channels, height, width); pixels that go in lie in
    [0, 1].

    Args:
        mean: of each channel.
        std: of each channel, above 0.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        assert len(mean) == len(std), (mean, std)
        assert min(std) > 0, std
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(-1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Normalise a batch."""
        return (images - self.mean) / self.std
