"""Batch norm folded into the layer before it, for networks that only answer from now on.

In evaluation mode batch norm is a fixed affine map of each channel, so that the layer in
front can do its work: Jacob et al. 2018, "Quantization and training of neural networks",
section 3.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from secateur.compression import layers
from secateur.compression.groups import InputShape
from secateur.compression.rebuild import detached

_VECTORS = 2
"""Dimensions of a batch of vectors."""

Pairs = tuple[tuple[str, str], ...]
"""Dotted names of a layer and of the batch norm that alone reads its output."""


def foldable(network: nn.Module, input_shape: InputShape) -> Pairs:
    """Find every batch norm that can be folded.

    A pair is a convolution or dense layer that runs once, and a batch norm with running
    statistics that is the only reader of its output.  A dense layer counts on vectors alone:
    on sequences the norm's channels are another dimension.  The pairs of a network are
    those of every network that surgery makes of it.

    Args:
        network: left untouched.
        input_shape: (channels, height, width) of one input.
    """
    with torch.inference_mode(False), torch.enable_grad():
        copy = detached(network).eval()
        made, outputs = _run(copy, layers.random_inputs(copy, input_shape, images=2))
    readers = Counter(node for parent in _nodes(outputs) for node, _ in parent.next_functions)
    modules, runs = dict(copy.named_modules()), Counter(name for name, _ in made)
    owners = {
        node: name
        for name, node in made
        if _can_absorb(modules[name]) and runs[name] == readers[node] == 1 and node not in outputs
    }
    return tuple(
        (owners[node.next_functions[0][0]], name)
        for name, node in made
        if _is_fixed(modules[name]) and runs[name] == 1 and node.next_functions[0][0] in owners
    )


@torch.no_grad()
def fold(network: nn.Module, pairs: Pairs) -> None:
    """Multiply batch norms into the layers before them, in place.

    The network must not be trained any more: only its answers in evaluation mode are the
    same, to within rounding.

    Args:
        network: each batch norm of ``pairs`` becomes an ``nn.Identity``.
        pairs: from ``foldable``, of this network or of the one that it was cut from.
    """
    modules = dict(network.named_modules())
    for layer_name, norm_name in pairs:
        layer, norm = modules[layer_name], modules[norm_name]
        assert isinstance(norm, _BatchNorm), norm_name
        scale, shift = _affine(norm)
        ((_, dim), *_) = layers.tensors(layer, "out")
        weight, bias = layer.get_parameter("weight"), layer._parameters["bias"]
        shape = [-1 if axis == dim else 1 for axis in range(weight.dim())]
        layer.register_parameter("weight", nn.Parameter(weight * scale.view(shape)))
        moved = shift if bias is None else bias * scale + shift
        layer.register_parameter("bias", nn.Parameter(moved))
        network.set_submodule(norm_name, nn.Identity())


def _affine(norm: _BatchNorm) -> tuple[torch.Tensor, torch.Tensor]:
    """Scale and shift of each channel, shape [channels] both."""
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None, "batch norm without running statistics"
    assert variance is not None, "batch norm without running statistics"
    assert isinstance(variance, torch.Tensor)
    scale = torch.rsqrt(variance + norm.eps)
    if norm.affine:
        scale = scale * norm.weight
        return scale, norm.bias - mean * scale
    return scale, -mean * scale


def _can_absorb(module: nn.Module) -> bool:
    # A grouped transposed convolution keeps its outputs in blocks, unlike its bias.
    if isinstance(module, _ConvTransposeNd):
        return module.groups == 1
    return isinstance(module, nn.Linear | _ConvNd)


def _is_fixed(module: nn.Module) -> bool:
    return isinstance(module, _BatchNorm) and module.running_mean is not None


def _run(network: nn.Module, inputs: torch.Tensor) -> tuple[list[tuple[str, Any]], set[Any]]:
    """Autograd nodes that made each layer's output, a call each, and the network's own."""
    made: list[tuple[str, Any]] = []

    def hook(name: str) -> Callable[[nn.Module, Any, torch.Tensor], None]:
        def record(module: nn.Module, _given: Any, output: torch.Tensor) -> None:
            if not isinstance(module, nn.Linear) or output.dim() == _VECTORS:
                made.append((name, output.grad_fn))

        return record

    for name, module in network.named_modules():
        if isinstance(module, nn.Linear | _ConvNd | _BatchNorm):
            module.register_forward_hook(hook(name))
    answer = network(inputs)
    tensors = [answer] if isinstance(answer, torch.Tensor) else list(_tensors(answer))
    return made, {tensor.grad_fn for tensor in tensors}


def _tensors(answer: Any) -> Iterator[torch.Tensor]:
    for value in answer.values() if isinstance(answer, dict) else answer:
        if isinstance(value, torch.Tensor):
            yield value
        else:
            yield from _tensors(value)


def _nodes(outputs: set[Any]) -> Iterator[Any]:
    """Every node of the autograd graph behind some outputs, once each."""
    seen, waiting = set(outputs), list(outputs)
    while waiting:
        node = waiting.pop()
        yield node
        for parent, _ in node.next_functions:
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
