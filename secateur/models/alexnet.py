"""AlexNet in its one-column form (Krizhevsky 2014, "One weird trick", arXiv:1404.5997)."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from secateur.models.blocks import Style, initialise, scaled
from secateur.models.registry import register
from secateur.models.sizes import Sides, behind, halved, large, require
from secateur.spaces import AlexNetSpace

# Channels, kernel, stride and padding of each convolution, and whether a pooling follows.
_LARGE_STEM = (64, 11, 4, 2, True)
_SMALL_STEM = (64, 5, 1, 2, True)
_OTHERS = (
    (192, 5, 1, 2, True),
    (384, 3, 1, 1, False),
    (256, 3, 1, 1, False),
    (256, 3, 1, 1, True),
)
_MAP = 6
_UNITS = 4096
_SMALLEST_SIDE = 63  # the stem takes it to 15, three poolings to 7, 3 and 1


@register("alexnet", AlexNetSpace)
def alexnet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "relu",
    normalization: str = "none",
    pooling: str = "max",
    dropout: float = 0.5,
) -> nn.Module:
    """Five convolutions and three dense layers; ``width`` times as wide.

    At width 1: 64, 192, 384, 256 and 256 channels, 4096 and 4096 units; 61,100,840
    parameters for ImageNet.  The small stem has 5x5 kernels and stride 1, and poolings lose
    no row, as in Krizhevsky's networks for CIFAR-10.  Dropout comes before each of the first
    two dense layers.

    Raises:
        ArchitectureError: a side below 63 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("alexnet", input_shape, _SMALLEST_SIDE)
    style = Style(activation, normalization, pooling)
    features, (height, breadth) = _features(input_shape, width, style, published=published)
    height, breadth = min(height, _MAP), min(breadth, _MAP)
    units = scaled(width, _UNITS)
    network = nn.Sequential(
        OrderedDict(
            features=features,
            avgpool=nn.AdaptiveAvgPool2d((height, breadth)),
            flatten=nn.Flatten(),
            classifier=nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(scaled(width, _OTHERS[-1][0]) * height * breadth, units),
                style.activate(),
                nn.Dropout(dropout),
                nn.Linear(units, units),
                style.activate(),
                nn.Linear(units, classes),
            ),
        )
    )
    initialise(network)
    return network


def _features(
    input_shape: tuple[int, int, int], width: float, style: Style, *, published: bool
) -> tuple[nn.Module, Sides]:
    """Convolutions and poolings, and the sides of the last map."""
    channels, *image = input_shape
    sides: Sides = (image[0], image[1])
    layers: list[nn.Module] = []
    for count, kernel, stride, padding, pools in (
        _LARGE_STEM if published else _SMALL_STEM,
        *_OTHERS,
    ):
        made = scaled(width, count)
        layers += [nn.Conv2d(channels, made, kernel, stride, padding), *style.behind(made)]
        channels, sides = made, behind(sides, kernel, stride, padding)
        if pools and published:
            layers.append(style.pool(3, 2))
            sides = behind(sides, 3, 2, 0)
        elif pools:
            step, sides = halved(sides)
            layers.append(nn.Identity() if step == 1 else style.pool(3, step, 1))
    return nn.Sequential(*layers), sides
