"""What each kind of layer has to cut, and what a forward pass says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.modules.instancenorm import _InstanceNorm

from secateur.compression.groups import InputShape, Kind, Side

_SEQUENCE_DIMS = 3

_Record = Callable[[str, nn.Module, torch.Tensor, torch.Tensor], None]


@dataclass(frozen=True)
class Layer:
    """A convolution or dense layer as one forward pass saw it.

    Attributes:
        name: dotted name.
        kind: ``convolution`` or ``dense``.
        positions: places where each weight is used for one input: output positions of a
            convolution, input positions of a transposed one, 1 for a dense layer on
            vectors; summed where the layer runs more than once.
        output_height: of the last feature map, 1 for dense layers.
        output_width: of the last feature map, 1 for dense layers.
    """

    name: str
    kind: Kind
    positions: int
    output_height: int
    output_width: int


def observe(network: nn.Module, inputs: torch.Tensor) -> tuple[Layer, ...]:
    """Convolutions and dense layers that one forward pass runs, in the order they first do.

    Args:
        network: run as it is, so in evaluation mode; use a ``detached`` copy.
        inputs: shape [images, channels, height, width].
    """
    layers: dict[str, Layer] = {}

    def record(name: str, module: nn.Module, given: torch.Tensor, made: torch.Tensor) -> None:
        transposed = isinstance(module, _ConvTransposeNd)
        positions = (given if transposed else made).numel() // len(inputs)
        positions //= channels(module, "in" if transposed else "out")
        if name in layers:
            positions += layers[name].positions
        layers[name] = _layer(name, module, positions, made)

    with torch.no_grad():
        _run_with_hooks(network, inputs, record)
    return tuple(layers.values())


def random_inputs(network: nn.Module, input_shape: InputShape, images: int) -> torch.Tensor:
    """Standard normal inputs on the network's device, always the same ones."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn((images, *input_shape), generator=generator)
    parameter = next((p for p in network.parameters() if p.is_floating_point()), None)
    return inputs if parameter is None else inputs.to(parameter)


def is_depthwise(module: nn.Module) -> bool:
    """Whether the layer is a convolution with one filter a channel."""
    return (
        isinstance(module, _ConvNd)
        and 1 < module.groups == module.in_channels == module.out_channels
    )


def is_supported(module: nn.Module, side: Side) -> bool:
    """Whether surgery knows how to cut this side of a module."""
    if isinstance(module, nn.LayerNorm):
        return len(module.normalized_shape) == 1
    if isinstance(module, _ConvNd):
        # One output but several inputs a group: the library takes it for depthwise.
        return is_depthwise(module) or not 1 < module.groups == module.out_channels
    known = (nn.Linear, _BatchNorm, nn.GroupNorm, _InstanceNorm, nn.PReLU)
    return isinstance(module, known) and (side == "out" or isinstance(module, nn.Linear))


def channels(module: nn.Module, side: Side) -> int:
    """Length of one side of a module, in channels or features."""
    value = getattr(module, _attributes(module, side)[0])
    return int(value[0] if isinstance(value, tuple) else value)


def blocks(module: nn.Module) -> int:
    """Equal blocks into which a module divides its channels; 1 for most."""
    if isinstance(module, nn.GroupNorm):
        return module.num_groups
    return module.groups if isinstance(module, _ConvNd) and not is_depthwise(module) else 1


def tensors(module: nn.Module, side: Side) -> tuple[tuple[str, int], ...]:
    """(name, dimension) of each tensor that cutting one side of a module cuts.

    A dimension shorter than the side holds one block of it (grouped convolutions).
    """
    if isinstance(module, _ConvNd):
        swapped = module.transposed and not is_depthwise(module)
        found = {"weight": int((side == "in") != swapped), "bias": 0}
    elif isinstance(module, nn.Linear):
        found = {"weight": int(side == "in"), "bias": 0}
    else:
        found = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), 0)
    if side == "in":
        del found["bias"]
    return tuple(
        (name, dim) for name, dim in found.items() if getattr(module, name, None) is not None
    )


def resize(module: nn.Module, side: Side, size: int) -> None:
    """Set the attributes that state the length of one side."""
    for name in _attributes(module, side):
        setattr(module, name, (size,) if name == "normalized_shape" else size)


def _attributes(module: nn.Module, side: Side) -> tuple[str, ...]:
    if isinstance(module, _ConvNd):
        return (
            ("out_channels", "in_channels", "groups")
            if is_depthwise(module)
            else (f"{side}_channels",)
        )
    if isinstance(module, nn.Linear):
        return (f"{side}_features",)
    if isinstance(module, nn.LayerNorm):
        return ("normalized_shape",)
    if isinstance(module, nn.GroupNorm):
        return ("num_channels",)
    return ("num_parameters",) if isinstance(module, nn.PReLU) else ("num_features",)


def _layer(name: str, module: nn.Module, positions: int, made: torch.Tensor) -> Layer:
    if isinstance(module, nn.Linear):
        return Layer(name, "dense", positions, 1, 1)
    height = made.shape[-2] if made.dim() > _SEQUENCE_DIMS else 1
    return Layer(name, "convolution", positions, height, made.shape[-1])


def _run_with_hooks(network: nn.Module, inputs: torch.Tensor, record: _Record) -> None:
    def hook(name: str) -> Callable[[nn.Module, tuple[torch.Tensor, ...], torch.Tensor], None]:
        return lambda module, given, made: record(name, module, given[0], made)

    handles = [
        module.register_forward_hook(hook(name))
        for name, module in network.named_modules()
        if isinstance(module, _ConvNd | nn.Linear)
    ]
    try:
        network(inputs)
    finally:
        for handle in handles:
            handle.remove()
