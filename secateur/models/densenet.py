"""Densely connected networks (Huang et al. 2017, "Densely connected convolutional networks")."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from secateur.models.blocks import Style, initialise, scaled
from secateur.models.registry import register
from secateur.models.sizes import Sides, large, require
from secateur.spaces import DenseNetSpace

# Layers in each block and the growth rate, by the depth: table 1, and DenseNet-BC of
# section 4.2 with k = 12 for small images.
_BLOCKS = {
    40: ((6, 6, 6), 12),
    100: ((16, 16, 16), 12),
    121: ((6, 12, 24, 16), 32),
    169: ((6, 12, 32, 32), 32),
    201: ((6, 12, 48, 32), 32),
}
_BOTTLENECK = 4
_SMALLEST_SIDE = 32


class DenseLayer(nn.Module):
    """Adds channels to its inputs: a 1x1 and a 3x3 convolution, each behind a batch norm."""

    def __init__(self, channels: int, growth: int, style: Style, dropout: float) -> None:
        super().__init__()
        inner = _BOTTLENECK * growth
        self.norm1 = style.normalize(channels)
        self.relu1 = style.activate()
        self.conv1 = nn.Conv2d(channels, inner, 1, bias=False)
        self.norm2 = style.normalize(inner)
        self.relu2 = style.activate()
        self.conv2 = nn.Conv2d(inner, growth, 3, padding=1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in, height, width) -> (batch, in + growth, height, width)."""
        reduced = self.conv1(self.relu1(self.norm1(inputs)))
        made = self.dropout(self.conv2(self.relu2(self.norm2(reduced))))
        return torch.cat([inputs, made], 1)


@register("densenet", DenseNetSpace)
def densenet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int = 121,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "relu",
    pooling: str = "average",
    dropout: float = 0.0,
) -> nn.Module:
    """Blocks in which each layer reads all before it; ``width`` times the growth rate.

    Depths 121, 169 and 201 have four blocks and growth rate 32, 7,978,856 parameters at
    depth 121 for ImageNet; 40 and 100 have three and growth rate 12.  Between blocks the
    channels are halved, and pooled where both sides of the map are above 1.  The small stem
    neither strides nor pools.  Dropout comes after each layer.

    Raises:
        ArchitectureError: a side below 32 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("densenet", input_shape, _SMALLEST_SIDE)
    style = Style(activation, pooling=pooling)
    blocks, growth = _BLOCKS[depth][0], scaled(width, _BLOCKS[depth][1])
    channels = 2 * growth
    features, sides = _stem(input_shape, channels, style, published=published)
    for number, layers in enumerate(blocks, start=1):
        features[f"denseblock{number}"] = _block(channels, layers, growth, style, dropout)
        channels += layers * growth
        if number < len(blocks):
            features[f"transition{number}"], sides = _transition(channels, sides, style)
            channels //= 2
    features["norm5"] = style.normalize(channels)
    network = nn.Sequential(
        OrderedDict(
            features=nn.Sequential(features),
            activation=style.activate(),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            classifier=nn.Linear(channels, classes),
        )
    )
    initialise(network)
    return network


def _stem(
    input_shape: tuple[int, int, int], made: int, style: Style, *, published: bool
) -> tuple[OrderedDict[str, nn.Module], Sides]:
    """The layers before the first block, by name, and the sides of the map they make."""
    channels, *image = input_shape
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    size, stride = (7, 2) if published else (3, 1)
    layers["conv0"] = nn.Conv2d(channels, made, size, stride, size // 2, bias=False)
    layers["norm0"] = style.normalize(made)
    layers["relu0"] = style.activate()
    sides: Sides = (image[0], image[1])
    if published:
        layers["pool0"] = nn.MaxPool2d(3, 2, 1)
        sides = (-(-sides[0] // 4), -(-sides[1] // 4))
    return layers, sides


def _block(channels: int, layers: int, growth: int, style: Style, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            {
                f"denselayer{number + 1}": DenseLayer(
                    channels + number * growth, growth, style, dropout
                )
                for number in range(layers)
            }
        )
    )


def _transition(channels: int, sides: Sides, style: Style) -> tuple[nn.Module, Sides]:
    """Half the channels, and half the map where there is something to halve."""
    pool: nn.Module = nn.Identity()
    if min(sides) > 1:
        pool, sides = style.pool(2, 2), (sides[0] // 2, sides[1] // 2)
    transition = nn.Sequential(
        OrderedDict(
            norm=style.normalize(channels),
            relu=style.activate(),
            conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
            pool=pool,
        )
    )
    return transition, sides
