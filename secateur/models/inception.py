"""Inception-v2 and v3 (Szegedy et al. 2016, "Rethinking the Inception architecture", table 1)."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from torch import nn

from secateur.models.blocks import Style, classifier, scaled
from secateur.models.branches import INPUT, Branches, unit
from secateur.models.registry import register
from secateur.models.sizes import Sides, behind, halved, large, require
from secateur.spaces import InceptionSpace

_SMALLEST_SIDE = 75  # 37, 35, 17, 15 and 7 in the stem, 3 and 1 behind the reductions
_EPSILON = 1e-3


class _Row(NamedTuple):
    """A layer of a module: a pooling where ``channels`` is 0, else a convolution.

    The paper leaves names and channels open: they are those of the released network.
    """

    name: str
    source: str
    channels: int
    kernel: int | tuple[int, int]
    reduces: bool = False


_Rows = tuple[_Row, ...]


@register("inception", InceptionSpace)
def inception(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    version: int = 2,
    width: float = 1.0,
    stem: str = "auto",
    activation: str = "relu",
    normalization: str = "batch",
    pooling: str = "max",
    dropout: float = 0.5,
) -> nn.Module:
    """Factorised convolutions in eleven modules of branches; ``width`` times as wide.

    5x5 kernels are two of 3x3 (figure 5), 7x7 ones 1x7 and 7x1 (figure 6), and the last 3x3
    ones 1x3 beside 3x1 (figure 7).  Version 2 follows the figures; version 3 is the network
    that was released, in which three modules have one 5x5 kernel again: 23,834,568
    parameters at width 1 for ImageNet, 147,456 fewer in version 2.  There is no auxiliary
    head.  The small stem neither strides nor pools.  ``pooling`` is of the layers that shrink
    the map; dropout comes before the last layer.

    Raises:
        ArchitectureError: a side below 75 for the ImageNet stem.
    """
    published = large(stem, input_shape)
    if published:
        require("inception", input_shape, _SMALLEST_SIDE)
    style = Style(activation, normalization, pooling, _EPSILON)
    layers, sides = _stem(input_shape, width, style, published=published)
    channels = scaled(width, 192)
    for name, rows in _modules(version).items():
        reduction = (1, 1)
        if any(row.reduces for row in rows):
            stride, sides = (2, behind(sides, 3, 2, 0)) if published else halved(sides)
            reduction = (stride, 0 if published else 1)
        layers[f"Mixed_{name}"], channels = _module(channels, rows, width, style, reduction)
    return classifier(layers, channels, classes, dropout)


def _stem(
    input_shape: tuple[int, int, int], width: float, style: Style, *, published: bool
) -> tuple[OrderedDict[str, nn.Module], Sides]:
    """The layers before the first module, by name, and the sides of the map they make."""
    channels, *image = input_shape
    one, two, three, four, five = (scaled(width, count) for count in (32, 32, 64, 80, 192))
    padding, stride = (0, 2) if published else (1, 1)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["Conv2d_1a_3x3"] = unit(channels, one, 3, style, stride=stride, padding=padding)
    layers["Conv2d_2a_3x3"] = unit(one, two, 3, style, padding=padding)
    layers["Conv2d_2b_3x3"] = unit(two, three, 3, style)
    if published:
        layers["maxpool1"] = style.pool(3, 2)
    layers["Conv2d_3b_1x1"] = unit(three, four, 1, style)
    layers["Conv2d_4a_3x3"] = unit(four, five, 3, style, padding=padding)
    if published:
        layers["maxpool2"] = style.pool(3, 2)
    sides: Sides = (image[0], image[1])
    for step in (2, 1, 2, 1, 2) if published else ():
        sides = behind(sides, 3, step, 0)
    return layers, sides


def _module(
    channels: int, rows: _Rows, width: float, style: Style, reduction: tuple[int, int]
) -> tuple[Branches, int]:
    """The branches that ``rows`` describe, and the channels that they make.

    ``reduction`` is the stride and padding of the layers that shrink the map.
    """
    counts, layers = {INPUT: channels}, dict[str, tuple[str, nn.Module]]()
    for row in rows:
        read = counts[row.source]
        made = counts[row.name] = scaled(width, row.channels) if row.channels else read
        layers[row.name] = (row.source, _layer(row, read, made, style, reduction))
    module = Branches(layers)
    return module, sum(counts[end] for end in module.ends)


def _layer(row: _Row, read: int, made: int, style: Style, reduction: tuple[int, int]) -> nn.Module:
    if not row.channels:
        return style.pool(3, *reduction) if row.reduces else nn.AvgPool2d(3, 1, 1)
    stride, padding = reduction if row.reduces else (1, None)
    return unit(read, made, row.kernel, style, stride=stride, padding=padding)


def _modules(version: int) -> dict[str, _Rows]:
    """The modules in the order in which they run."""
    return {
        "5b": _figure5(version, 32),
        "5c": _figure5(version, 64),
        "5d": _figure5(version, 64),
        "6a": (
            _Row("branch3x3", INPUT, 384, 3, True),
            *_chain("branch3x3dbl", (64, 1), (96, 3)),
            _Row("branch3x3dbl_3", "branch3x3dbl_2", 96, 3, True),
            _Row("pool", INPUT, 0, 3, True),
        ),
        "6b": _figure6(128),
        "6c": _figure6(160),
        "6d": _figure6(160),
        "6e": _figure6(192),
        "7a": (
            *_chain("branch3x3", (192, 1)),
            _Row("branch3x3_2", "branch3x3_1", 320, 3, True),
            *_chain("branch7x7x3", (192, 1), (192, (1, 7)), (192, (7, 1))),
            _Row("branch7x7x3_4", "branch7x7x3_3", 192, 3, True),
            _Row("pool", INPUT, 0, 3, True),
        ),
        "7b": _figure7(),
        "7c": _figure7(),
    }


def _figure5(version: int, pooled: int) -> _Rows:
    return (
        _Row("branch1x1", INPUT, 64, 1),
        *_chain("branch5x5", (48, 1), (64, 3 if version == 2 else 5)),  # noqa: PLR2004
        *_chain("branch3x3dbl", (64, 1), (96, 3), (96, 3)),
        *_pooled(pooled),
    )


def _figure6(inner: int) -> _Rows:
    wide, high = (1, 7), (7, 1)
    return (
        _Row("branch1x1", INPUT, 192, 1),
        *_chain("branch7x7", (inner, 1), (inner, wide), (192, high)),
        *_chain(
            "branch7x7dbl", (inner, 1), (inner, high), (inner, wide), (inner, high), (192, wide)
        ),
        *_pooled(192),
    )


def _figure7() -> _Rows:
    return (
        _Row("branch1x1", INPUT, 320, 1),
        *_chain("branch3x3", (384, 1)),
        *_fork("branch3x3_2", "branch3x3_1"),
        *_chain("branch3x3dbl", (448, 1), (384, 3)),
        *_fork("branch3x3dbl_3", "branch3x3dbl_2"),
        *_pooled(192),
    )


def _chain(name: str, *steps: tuple[int, int | tuple[int, int]]) -> _Rows:
    """Convolutions one behind another, of (channels, kernel) each."""
    sources = [INPUT, *(f"{name}_{number}" for number in range(1, len(steps)))]
    return tuple(
        _Row(f"{name}_{number}", source, count, kernel)
        for number, (source, (count, kernel)) in enumerate(zip(sources, steps, strict=True), 1)
    )


def _fork(name: str, source: str) -> _Rows:
    return (_Row(f"{name}a", source, 384, (1, 3)), _Row(f"{name}b", source, 384, (3, 1)))


def _pooled(count: int) -> _Rows:
    return (_Row("pool", INPUT, 0, 3), _Row("branch_pool", "pool", count, 1))
