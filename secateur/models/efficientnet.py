"""EfficientNet (Tan & Le 2019, "EfficientNet: rethinking model scaling", table 1)."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil, floor

import torch
from torch import Tensor, nn

from secateur.models.blocks import Style, initialise
from secateur.models.registry import register
from secateur.models.sizes import Sides, halved, large, require
from secateur.spaces import EfficientNetSpace

_STEM = 32
# Expansion, kernel, stride, channels and blocks of each stage.
_STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
_HEAD = 4
_SQUEEZE = 4
_MULTIPLE = 8
_SMALLEST_SIDE = 32


class SqueezeExcitation(nn.Module):
    """Scales each channel by what all together say of the image (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int, style: Style) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.activation = style.activate()
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.gate = nn.Sigmoid()

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, channels, height, width), same shape out."""
        squeezed = self.activation(self.fc1(self.avgpool(inputs)))
        outputs: Tensor = inputs * self.gate(self.fc2(squeezed))
        return outputs


class StochasticDepth(nn.Module):
    """In training, leaves a residual out for a share of the images (Huang et al. 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, residual: Tensor) -> Tensor:
        """(batch, channels, height, width), zero for some images and larger for the others."""
        if not self.training or self.share == 0:
            return residual
        kept = torch.rand(len(residual), 1, 1, 1, device=residual.device) >= self.share
        return residual * kept / (1 - self.share)


class InvertedBottleneck(nn.Module):
    """Widens, convolves each channel by itself, weighs and narrows (MBConv).

    Added to its inputs where the shapes agree.

    Args:
        channels_in: channels read.
        channels_out: channels made.
        expansion: how many times as wide the inside is.
        kernel: of the depthwise convolution.
        stride: of the depthwise convolution.
        dropped: share of images that go without the residual in training.
        style: of the network.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        expansion: int,
        kernel: int,
        stride: int,
        dropped: float,
        style: Style,
    ) -> None:
        super().__init__()
        inner = channels_in * expansion
        widen = [] if expansion == 1 else [_unit(channels_in, inner, 1, style)]
        self.block = nn.Sequential(
            *widen,
            _unit(inner, inner, kernel, style, stride=stride, groups=inner),
            SqueezeExcitation(inner, max(1, channels_in // _SQUEEZE), style),
            _unit(inner, channels_out, 1, style, activated=False),
        )
        self.adds = stride == 1 and channels_in == channels_out
        self.stochastic_depth = StochasticDepth(dropped)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, out, height / stride, width / stride)."""
        residual: Tensor = self.block(inputs)
        return inputs + self.stochastic_depth(residual) if self.adds else residual


@register("efficientnet", EfficientNetSpace)
def efficientnet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: float = 1.0,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "silu",
    dropout: float = 0.2,
    stochastic_depth: float = 0.2,
) -> nn.Module:
    """Seven stages of inverted bottlenecks, ``width`` times as wide, ``depth`` times as deep.

    The defaults are EfficientNet-B0, 5,288,548 parameters for ImageNet; B1 is ``depth`` 1.1,
    B2 ``depth`` 1.2 and ``width`` 1.1.  Channels are multiples of 8, blocks rounded up.  The
    small stem and the second stage do not stride; later stages do as long as both sides of
    the map are above 1.  Dropout comes before the last layer; ``stochastic_depth`` is the
    share of images that the last block would leave out, and falls to 0 for the first.

    Raises:
        ArchitectureError: a side below 32 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("efficientnet", input_shape, _SMALLEST_SIDE)
    style = Style(activation)
    channels, *image = input_shape
    sides: Sides = (image[0], image[1])
    stride, sides = halved(sides) if published else (1, sides)
    made = _rounded(width * _STEM)
    layers: list[nn.Module] = [_unit(channels, made, 3, style, stride=stride)]
    layers += _stages(made, sides, depth, width, stochastic_depth, style, published=published)
    channels = _rounded(width * _STAGES[-1][3])
    layers.append(_unit(channels, _HEAD * channels, 1, style))
    network = nn.Sequential(
        OrderedDict(
            features=nn.Sequential(*layers),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            classifier=nn.Sequential(nn.Dropout(dropout), nn.Linear(_HEAD * channels, classes)),
        )
    )
    initialise(network)
    return network


def _stages(
    channels: int,
    sides: Sides,
    depth: float,
    width: float,
    dropped: float,
    style: Style,
    *,
    published: bool,
) -> list[nn.Sequential]:
    total = sum(ceil(depth * count) for *_, count in _STAGES)
    stages: list[nn.Sequential] = []
    number = 0
    for place, (expansion, kernel, stride, count, repeats) in enumerate(_STAGES):
        halves = stride > 1 and (published or place > 1)
        step, sides = halved(sides) if halves else (1, sides)
        made, blocks = _rounded(width * count), []
        for _ in range(ceil(depth * repeats)):
            share = dropped * number / total
            blocks.append(InvertedBottleneck(channels, made, expansion, kernel, step, share, style))
            channels, step, number = made, 1, number + 1
        stages.append(nn.Sequential(*blocks))
    return stages


def _unit(
    channels_in: int,
    channels_out: int,
    kernel: int,
    style: Style,
    *,
    stride: int = 1,
    groups: int = 1,
    activated: bool = True,
) -> nn.Sequential:
    """Convolution and batch norm, and the activation where asked for."""
    conv = nn.Conv2d(
        channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False
    )
    activate = [style.activate()] if activated else []
    return nn.Sequential(conv, style.normalize(channels_out), *activate)


def _rounded(channels: float) -> int:
    """The nearest multiple of 8, at least 8 and no more than a tenth below ``channels``."""
    nearest = max(_MULTIPLE, floor(channels / _MULTIPLE + 0.5) * _MULTIPLE)
    return nearest if nearest >= 0.9 * channels else nearest + _MULTIPLE
