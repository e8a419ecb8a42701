"""A small U-Net that says what noise is in an image (Ho et al. 2020)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from secateur.models.blocks import normalization
from secateur.models.generators.geometry import Step, steps
from secateur.models.sizes import Sides

_LONGEST = 10_000.0  # longest wave of the embedding, in noise levels (Vaswani et al. 2017)
_WIDEST = 4  # no map has more channels than so many times the narrowest


class UNet(nn.Module):
    """Down by strided convolutions, up by transposed ones, joined at every size.

    Only what is cheap runs at full size; all blocks run from half of it on. Group norms of
    one group take any number of channels, so that channels can be pruned.

    Args:
        image_shape: (channels, height, width); a side is above 5.
        width: channels at full size; twice as many each step down, up to 4 times as many.
    """

    def __init__(self, image_shape: tuple[int, int, int], width: int) -> None:
        super().__init__()
        path = steps(image_shape)
        counts = [width * min(2**number, _WIDEST) for number in range(len(path) + 1)]
        self.time = Time(4 * width)
        self.stem = _convolution(image_shape[0], width, (image_shape[1], image_shape[2]))
        self.downs, self.inner = nn.ModuleList(), nn.ModuleList()
        self.ups, self.outer = nn.ModuleList(), nn.ModuleList()
        for step, given, made in zip(path, counts[:-1], counts[1:], strict=True):
            self.downs.append(nn.Conv2d(given, made, step.kernel, step.stride, step.padding))
            self.inner.append(Block(made, made, self.time.size, step.small))
            self.ups.append(_up(made, given, step))
        for step, count in zip(path[1:], counts[1:-1], strict=True):
            self.outer.append(Block(2 * count, count, self.time.size, step.large))
        self.output = _convolution(2 * width, image_shape[0], (image_shape[1], image_shape[2]))

    def forward(self, images: Tensor, levels: Tensor) -> Tensor:
        """The noise in each image.

        Args:
            images: (n, channels, height, width).
            levels: of the noise, float32 (n,), or (1,) for the same in all images.

        Returns:
            Of the shape of ``images``.
        """
        times = self.time(levels)
        maps = [self.stem(images)]
        for down, block in zip(self.downs, self.inner, strict=True):
            maps.append(block(down(maps[-1]), times))
        features = maps.pop()
        for number in reversed(range(len(self.ups))):
            features = torch.cat([self.ups[number](features), maps.pop()], dim=1)
            if number:
                features = self.outer[number - 1](features, times)
        noise: Tensor = self.output(features)
        return noise


class Time(nn.Module):
    """Sines and cosines of a noise level, and a dense layer behind them.

    Attributes:
        size: values that it makes, an even number.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.dense = nn.Linear(size, size)
        self.activation = nn.SiLU()

    def forward(self, levels: Tensor) -> Tensor:
        """(n,) -> (n, size)."""
        half = self.size // 2
        places = torch.arange(half, dtype=levels.dtype, device=levels.device)
        angles = levels[:, None] * torch.exp(places * (-math.log(_LONGEST) / half))
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        embedded: Tensor = self.activation(self.dense(waves))
        return embedded


class Block(nn.Module):
    """Two 3x3 convolutions; the first is told the noise level."""

    def __init__(self, given: int, made: int, time: int, sides: Sides) -> None:
        super().__init__()
        self.first = _convolution(given, made, sides)
        self.norm1 = normalization("layer", made)
        self.time = nn.Linear(time, made)
        self.activation1 = nn.SiLU()
        self.second = _convolution(made, made, sides)
        self.norm2 = normalization("layer", made)
        self.activation2 = nn.SiLU()

    def forward(self, features: Tensor, times: Tensor) -> Tensor:
        """(n, given, height, width) and (n, time) -> (n, made, height, width)."""
        features = self.norm1(self.first(features)) + self.time(times)[:, :, None, None]
        made: Tensor = self.activation2(self.norm2(self.second(self.activation1(features))))
        return made


def _convolution(given: int, made: int, sides: Sides) -> nn.Conv2d:
    """A padded 3x3 convolution; 1 wide along sides of 1."""
    height, width = (3 if side > 1 else 1 for side in sides)
    return nn.Conv2d(given, made, (height, width), padding=(height // 2, width // 2))


def _up(given: int, made: int, step: Step) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(given, made, step.kernel, step.stride, step.padding)
