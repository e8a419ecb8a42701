"""Convolutions between one pixel and a whole map, which training does as the products they are.

A kernel as large as the map meets every value once, so that the layer is a dense one. PyTorch's
kernels for convolutions make little of that: in a DCGAN of MNIST, trained in bfloat16 on a CPU,
these two layers took 40 % of a step. Outside of training they are plain convolutions, which
is what channels are followed through, what is exported, and what is served.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class PixelToMap(nn.ConvTranspose2d):
    """A transposed convolution of one pixel: (n, given, 1, 1) -> (n, made, height, width).

    Args:
        given: channels of the pixel.
        made: channels of the map.
        sides: (height, width) of the map.
        bias: whether to add one value a channel.
    """

    def __init__(self, given: int, made: int, sides: tuple[int, int], *, bias: bool = True) -> None:
        super().__init__(given, made, sides, bias=bias)

    def forward(self, pixels: Tensor, output_size: list[int] | None = None) -> Tensor:
        """The map of each pixel."""
        if not self.training:
            return super().forward(pixels, output_size)
        given, made, height, width = self.weight.shape
        # Channels last, as training lays weights and maps out: no value is moved.
        weight = self.weight.permute(0, 2, 3, 1).reshape(given, height * width * made)
        maps = (pixels.flatten(1) @ weight).view(-1, height, width, made).permute(0, 3, 1, 2)
        return maps if self.bias is None else maps + self.bias.view(1, -1, 1, 1)


class MapToPixel(nn.Conv2d):
    """A convolution over a whole map: (n, given, height, width) -> (n, made, 1, 1).

    Args:
        given: channels of the map.
        made: channels of the pixel.
        sides: (height, width) of the map.
    """

    def __init__(self, given: int, made: int, sides: tuple[int, int]) -> None:
        super().__init__(given, made, sides)

    def forward(self, maps: Tensor) -> Tensor:
        """The pixel of each map."""
        if not self.training:
            return super().forward(maps)
        weight = self.weight.permute(0, 2, 3, 1).flatten(1)
        pixels = F.linear(maps.permute(0, 2, 3, 1).flatten(1), weight, self.bias)
        return pixels[:, :, None, None]
