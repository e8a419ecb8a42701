"""GoogLeNet (Szegedy et al. 2015, "Going deeper with convolutions", table 1)."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from secateur.models.blocks import Style, classifier, scaled
from secateur.models.branches import INPUT, Branches, unit
from secateur.models.registry import register
from secateur.models.sizes import Sides, large, require
from secateur.spaces import GoogLeNetSpace

_STEM = (64, 64, 192)
# Channels of each module: 1x1; 3x3 and its reduction before it; 5x5 likewise; pooled.
_MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
_POOLED_AFTER = {"3b": ("maxpool3", 3), "4e": ("maxpool4", 2)}
_SMALLEST_SIDE = 32
_EPSILON = 1e-3


@register("googlenet", GoogLeNetSpace)
def googlenet(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "relu",
    normalization: str = "batch",
    pooling: str = "max",
    dropout: float = 0.2,
) -> nn.Module:
    """Three convolutions and nine modules of four branches; ``width`` times as wide.

    At width 1 with batch norm 6,624,904 parameters for ImageNet.  Unlike the paper there
    are no auxiliary heads, which batch norm makes needless, and as in torchvision's network
    the second branch with a reduction has a 3x3 kernel too.  The small stem neither strides
    nor pools.  Dropout comes before the last layer.

    Raises:
        ArchitectureError: a side below 32 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("googlenet", input_shape, _SMALLEST_SIDE)
    style = Style(activation, normalization, pooling, _EPSILON)
    layers, sides = _stem(input_shape, width, style, published=published)
    channels = scaled(width, _STEM[-1])
    for name, counts in _MODULES.items():
        branches = tuple(scaled(width, count) for count in counts)
        layers[f"inception{name}"] = _module(channels, branches, style)
        channels = branches[0] + branches[2] + branches[4] + branches[5]
        if name in _POOLED_AFTER:
            pool, size = _POOLED_AFTER[name]
            layers[pool], sides = _halving(size, sides, style)
    return classifier(layers, channels, classes, dropout)


def _stem(
    input_shape: tuple[int, int, int], width: float, style: Style, *, published: bool
) -> tuple[OrderedDict[str, nn.Module], Sides]:
    """The layers before the first module, by name, and the sides of the map they make."""
    channels, *image = input_shape
    first, second, third = (scaled(width, count) for count in _STEM)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if published:
        sides = ((image[0] + 1) // 2, (image[1] + 1) // 2)
        layers["conv1"] = unit(channels, first, 7, style, stride=2)
        layers["maxpool1"], sides = _halving(3, sides, style)
    else:
        sides = (image[0], image[1])
        layers["conv1"] = unit(channels, first, 3, style)
    layers["conv2"] = unit(first, second, 1, style)
    layers["conv3"] = unit(second, third, 3, style)
    if published:
        layers["maxpool2"], sides = _halving(3, sides, style)
    return layers, sides


def _halving(size: int, sides: Sides, style: Style) -> tuple[nn.Module, Sides]:
    """A pooling of stride 2, unless a side is 1 already, and the sides behind it."""
    if min(sides) == 1:
        return nn.Identity(), sides
    # A last window that reaches over the edge counts as long as it starts inside.
    height, breadth = (-(-(side - size) // 2) + 1 for side in sides)
    return style.pool(size, 2, ceil=True), (height, breadth)


def _module(channels: int, counts: tuple[int, ...], style: Style) -> nn.Module:
    """1x1, two with a reduction, and a pooled branch, each of the map's size."""
    single, reduce3, triple, reduce5, quintuple, pooled = counts
    return Branches(
        {
            "branch1": (INPUT, unit(channels, single, 1, style)),
            "branch2": (INPUT, _reduced(channels, reduce3, triple, style)),
            "branch3": (INPUT, _reduced(channels, reduce5, quintuple, style)),
            "branch4": (
                INPUT,
                nn.Sequential(style.pool(3, 1, 1), unit(channels, pooled, 1, style)),
            ),
        }
    )


def _reduced(channels_in: int, reduced: int, channels_out: int, style: Style) -> nn.Module:
    return nn.Sequential(
        unit(channels_in, reduced, 1, style), unit(reduced, channels_out, 3, style)
    )
