"""LeNets with other convolutions: none of their poolings, one more of them, or only one."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import nn

from secateur.errors import ArchitectureError
from secateur.models.blocks import activation as activation_layer
from secateur.models.blocks import pooling as pooling_layer
from secateur.models.registry import register
from secateur.spaces import LeNetVariantSpace

_UNITS = (120, 84)


class Stage(NamedTuple):
    """A convolution, its activation, and a 2x2 pooling of a stride; none at stride 0."""

    channels: int
    kernel: int
    padding: int
    stride: int


LAYOUTS = {
    "unpooled": (Stage(6, 5, 2, 0), Stage(16, 5, 0, 0)),
    "three-convolutions": (Stage(12, 3, 2, 2), Stage(24, 3, 0, 1), Stage(32, 3, 2, 2)),
    "one-convolution": (Stage(20, 5, 2, 2),),
}


@register("lenet-variant", LeNetVariantSpace)
def lenet_variant(
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    layout: str = "three-convolutions",
    activation: str = "relu",
    pooling: str = "max",
    dropout: float = 0.0,
) -> nn.Module:
    """Convolutions by ``layout``, then dense layers of 120, 84 and ``classes`` units.

    On 28x28 images the first dense layer takes 9,216 features unpooled, 1,568 after three
    convolutions and 3,920 after one.

    Raises:
        ArchitectureError: an image too small for the convolutions.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = input_shape[0]
    for number, stage in enumerate(LAYOUTS[layout], start=1):
        layers[f"conv{number}"] = nn.Conv2d(
            channels, stage.channels, stage.kernel, padding=stage.padding
        )
        layers[f"activation{number}"] = activation_layer(activation)
        if stage.stride:
            layers[f"pool{number}"] = pooling_layer(pooling, 2, stage.stride)
        channels = stage.channels
    layers["flatten"] = nn.Flatten()
    features = _features(layers, input_shape)
    for number, units in enumerate(_UNITS, start=1):
        layers[f"dense{number}"] = nn.Linear(features, units)
        layers[f"dense_activation{number}"] = activation_layer(activation)
        layers[f"dropout{number}"] = nn.Dropout(dropout)
        features = units
    layers["output"] = nn.Linear(features, classes)
    return nn.Sequential(layers)


def _features(layers: OrderedDict[str, nn.Module], input_shape: tuple[int, int, int]) -> int:
    try:
        with torch.no_grad():
            features: int = nn.Sequential(layers)(torch.zeros(1, *input_shape)).shape[1]
            return features
    except RuntimeError:
        raise ArchitectureError(
            f"lenet-variant.input_shape: {input_shape} is too small for its convolutions; "
            "expected sides of at least 6"
        ) from None
