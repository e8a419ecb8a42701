"""Convolutions along one axis, for series and spectra.

After Zhang et al. 2017, "A new deep learning model for fault diagnosis with good anti-noise and
domain adaptation ability on raw vibration signals" (WDCNN): a wide first kernel, narrow ones
behind it, batch norm and poolings throughout.
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil

from torch import nn

from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import normalization as normalization_layer
from secateur.models.blocks import pooling as pooling_layer
from secateur.models.registry import register
from secateur.spaces import CNN1DSpace

_NARROW = 3
_WIDEST = 4  # times the channels of the first layer


@register("cnn1d", CNN1DSpace)
def cnn1d(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    width: int = 16,
    depth: int = 4,
    kernel: int = 15,
    stride: int = 1,
    head: str = "positions",
    activation: str = "relu",
    normalization: str = "batch",
    pooling: str = "max",
    dropout: float = 0.0,
) -> nn.Module:
    """``depth`` convolutions along the rows of an image, each pooled, and one dense layer.

    A series is an image of height 1; the rows of a higher one are series that share all
    weights up to the dense layer. The first kernel is (1, ``kernel``), those behind it are
    (1, 3); all are padded, so that only ``stride`` and the poolings shorten a row: by half,
    as long as two positions are left. 16, 32, 64, 64 channels at the defaults.
    """
    channels, height, length = input_shape
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    given, left = channels, ceil(length / stride)
    for number in range(1, depth + 1):
        made = width * min(2 ** (number - 1), _WIDEST)
        span, step = (kernel, stride) if number == 1 else (_NARROW, 1)
        layers[f"conv{number}"] = _along(given, made, span, step, bias=normalization == "none")
        layers[f"norm{number}"] = normalization_layer(normalization, made)
        layers[f"activation{number}"] = activation_layer(activation)
        if left > 1:
            layers[f"pool{number}"] = pooling_layer(pooling, (1, 2))
        given, left = made, max(1, left // 2)
    if head == "mean":
        layers["mean"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["dropout"] = nn.Dropout(dropout)
    layers["output"] = nn.Linear(given if head == "mean" else given * height * left, classes)
    return nn.Sequential(layers)


def _along(given: int, made: int, span: int, stride: int, *, bias: bool) -> nn.Conv2d:
    """Odd kernels; an even one would move the row by half a position."""
    span += 1 - span % 2
    return nn.Conv2d(given, made, (1, span), (1, stride), padding=(0, span // 2), bias=bias)
