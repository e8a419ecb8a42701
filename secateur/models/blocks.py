"""Layers that several families share, by the names that a job uses."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
}

POOLINGS: dict[str, Callable[[int], nn.Module]] = {
    "max": nn.MaxPool2d,
    "average": nn.AvgPool2d,
}


def activation(name: str) -> nn.Module:
    """A new activation layer; ``name`` is one of ``secateur.spaces.ACTIVATIONS``."""
    return ACTIVATIONS[name]()


def pooling(name: str, size: int) -> nn.Module:
    """A new ``size`` x ``size`` pooling layer of the same stride, ``max`` or ``average``."""
    return POOLINGS[name](size)


def scaled(width: float, count: int) -> int:
    """``width`` times ``count`` channels or units, rounded, and at least one."""
    return max(1, round(width * count))


def convolution(channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution without bias, padded to keep the side at stride 1, and its batch norm.

    The batch norm's shift makes a bias redundant.
    """
    conv = nn.Conv2d(channels_in, channels_out, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(channels_out)))
