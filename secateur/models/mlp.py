"""Multilayer perceptrons."""

from __future__ import annotations

from collections import OrderedDict
from math import prod

from torch import nn

from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import normalization as normalization_layer
from secateur.models.registry import register
from secateur.spaces import MLPSpace


@register("mlp", MLPSpace)
def mlp(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    depth: int = 2,
    width: int = 128,
    activation: str = "relu",
    normalization: str = "none",
    dropout: float = 0.0,
) -> nn.Module:
    """``depth`` hidden layers of ``width`` units, each normalised, activated, dropped out."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    features = prod(input_shape)
    for number in range(1, depth + 1):
        layers[f"hidden{number}"] = nn.Linear(features, width)
        layers[f"norm{number}"] = normalization_layer(normalization, width, dims=1)
        layers[f"activation{number}"] = activation_layer(activation)
        layers[f"dropout{number}"] = nn.Dropout(dropout)
        features = width
    layers["output"] = nn.Linear(features, classes)
    return nn.Sequential(layers)
