"""Layers that several families share, by the names that a job uses."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
}

Window = int | tuple[int, int]
"""Positions of a pooling along height and width; one number is both."""

POOLINGS: dict[str, Callable[[Window, Window], nn.Module]] = {
    "max": nn.MaxPool2d,
    "average": nn.AvgPool2d,
}


def activation(name: str) -> nn.Module:
    """A new activation layer; ``name`` is one of ``secateur.spaces.ACTIVATIONS``."""
    return ACTIVATIONS[name]()


def pooling(name: str, size: Window, stride: Window | None = None) -> nn.Module:
    """A new pooling layer, ``max`` or ``average``; its stride is its size where none is given."""
    return POOLINGS[name](size, stride or size)


def normalization(name: str, channels: int, *, dims: int = 2, epsilon: float = 1e-5) -> nn.Module:
    """A new normalisation of (batch, channels, *positions).

    Args:
        name: ``batch`` (Ioffe & Szegedy 2015), ``layer`` over all channels and positions
            of an image (Ba et al. 2016; a group norm of one group), or ``none``.
        channels: of its inputs.
        dims: of the positions, 2 for feature maps and 1 for vectors, which have none.
        epsilon: added to the variance.
    """
    if name == "none":
        return nn.Identity()
    if name == "layer":
        return nn.GroupNorm(1, channels, epsilon)
    return (nn.BatchNorm2d if dims > 1 else nn.BatchNorm1d)(channels, epsilon)


def scaled(width: float, count: int) -> int:
    """``width`` times ``count`` channels or units, rounded, and at least one."""
    return max(1, round(width * count))


def convolution(
    channels_in: int,
    channels_out: int,
    kernel: int,
    stride: int = 1,
    normalize: str = "batch",
) -> nn.Sequential:
    """Convolution without bias, padded to keep the side at stride 1, and its normalisation.

    The normalisation's shift makes a bias redundant; ``normalize`` is not ``none``.
    """
    conv = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=normalization(normalize, channels_out)))


def classifier(
    layers: OrderedDict[str, nn.Module], channels: int, classes: int, dropout: float
) -> nn.Sequential:
    """Feature layers with one dense layer behind the mean of each channel, initialised.

    Args:
        layers: by name; takes the head in as well.
        channels: that the last of them makes.
        classes: outputs.
        dropout: before the dense layer.
    """
    layers["avgpool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["dropout"] = nn.Dropout(dropout)
    layers["fc"] = nn.Linear(channels, classes)
    network = nn.Sequential(layers)
    initialise(network)
    return network


def initialise(network: nn.Module, mode: Literal["fan_in", "fan_out"] = "fan_in") -> None:
    """Weights of convolutions as in He et al. 2015, "Delving deep into rectifiers".

    Args:
        network: changed in place.
        mode: ``fan_in`` keeps the variance of what runs forward, also through 1x1
            convolutions that reduce channels; ``fan_out`` that of gradients.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode=mode, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


@dataclass(frozen=True)
class Style:
    """What all layers of one network have in common, by the names that a job uses.

    Attributes:
        activation: one of ``secateur.spaces.ACTIVATIONS``.
        normalization: one of ``secateur.spaces.NORMALIZATIONS``.
        pooling: one of ``secateur.spaces.POOLINGS``.
        epsilon: that normalisations add to the variance.
    """

    activation: str = "relu"
    normalization: str = "batch"
    pooling: str = "max"
    epsilon: float = 1e-5

    @property
    def biased(self) -> bool:
        """Whether layers need a bias, since no normalisation behind them has one."""
        return self.normalization == "none"

    def activate(self) -> nn.Module:
        """A new activation layer."""
        return activation(self.activation)

    def normalize(self, channels: int) -> nn.Module:
        """A new normalisation of feature maps; an identity for ``none``."""
        return normalization(self.normalization, channels, epsilon=self.epsilon)

    def behind(self, channels: int) -> list[nn.Module]:
        """What follows a layer in a numbered sequence: its normalisation, if any, activated."""
        normalized = [] if self.biased else [self.normalize(channels)]
        return [*normalized, self.activate()]

    def pool(self, size: int, stride: int, padding: int = 0, *, ceil: bool = False) -> nn.Module:
        """A new pooling layer; windows overlap where ``size`` is above ``stride``."""
        layer = nn.MaxPool2d if self.pooling == "max" else nn.AvgPool2d
        return layer(size, stride, padding, ceil_mode=ceil)
