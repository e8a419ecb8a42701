"""VGG (Simonyan & Zisserman 2015, "Very deep convolutional networks", table 1)."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from secateur.models.blocks import Style, initialise, scaled
from secateur.models.registry import register
from secateur.models.sizes import Sides, large
from secateur.spaces import VGGSpace

_CHANNELS = (64, 128, 256, 512, 512)
# Convolutions in each stage of configurations A, B, D and E, by the number of layers.
_CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
_MAP = 7
_UNITS = 4096


@register("vgg", VGGSpace)
def vgg(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int = 16,
    width: float = 1.0,
    head: str = "auto",
    activation: str = "relu",
    normalization: str = "batch",
    pooling: str = "max",
    dropout: float = 0.5,
) -> nn.Module:
    """Five stages of 3x3 convolutions, each halved by a pooling; ``width`` times as wide.

    At width 1: 64 to 512 channels; with batch norm and the classic head 138,365,992
    parameters for ImageNet at depth 16.  A pooling is left out where a side is 1 before it.

    The classic head is two dense layers of 4096 units, each dropped out, on a map of 7x7 at
    most; the compact one averages the map, drops out and has the last layer alone, as is
    usual for small images.  ``auto`` takes the classic one from 96 pixels on.
    """
    style = Style(activation, normalization, pooling)
    features, (height, breadth) = _features(input_shape, depth, width, style)
    channels = scaled(width, _CHANNELS[-1])
    if large(head, input_shape, small="compact"):
        pooled = (min(height, _MAP), min(breadth, _MAP))
        units = scaled(width, _UNITS)
        classifier = _classic(channels * pooled[0] * pooled[1], units, classes, style, dropout)
    else:
        pooled = (1, 1)
        classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels, classes))
    network = nn.Sequential(
        OrderedDict(
            features=features,
            avgpool=nn.AdaptiveAvgPool2d(pooled),
            flatten=nn.Flatten(),
            classifier=classifier,
        )
    )
    initialise(network)
    return network


def _features(
    input_shape: tuple[int, int, int], depth: int, width: float, style: Style
) -> tuple[nn.Module, Sides]:
    """Convolutions and poolings, and the sides of the last map."""
    channels, *image = input_shape
    sides: Sides = (image[0], image[1])
    layers: list[nn.Module] = []
    for count, convolutions in zip(_CHANNELS, _CONVOLUTIONS[depth], strict=True):
        made = scaled(width, count)
        for _ in range(convolutions):
            # The bias is redundant before a normalisation, but published weights have it.
            layers += [nn.Conv2d(channels, made, 3, padding=1), *style.behind(made)]
            channels = made
        if min(sides) > 1:
            layers.append(style.pool(2, 2))
            sides = (sides[0] // 2, sides[1] // 2)
        else:
            layers.append(nn.Identity())
    return nn.Sequential(*layers), sides


def _classic(
    features: int, units: int, classes: int, style: Style, dropout: float
) -> nn.Sequential:
    """Two hidden dense layers and the last one."""
    return nn.Sequential(
        nn.Linear(features, units),
        style.activate(),
        nn.Dropout(dropout),
        nn.Linear(units, units),
        style.activate(),
        nn.Dropout(dropout),
        nn.Linear(units, classes),
    )
