"""What a network costs, counted by running it: the reference for every closed form."""

from __future__ import annotations

from torch import Tensor, nn

from secateur.compression import layers
from secateur.compression.groups import InputShape
from secateur.compression.rebuild import detached
from secateur.records import Cost


def count(network: nn.Module, input_shape: InputShape) -> Cost:
    """FLOPs of one input and number of learned values.

    Counts two FLOPs a multiplication with a weight: ``2 * Ci * Co * K * O`` for a
    convolution with K kernel elements and O output positions, divided by its groups;
    ``2 * Ci * Co * K * I`` for a transposed one with I input positions; ``2 * I * O`` for
    a dense layer.  Biases, normalisations, activations and pooling count nothing.
    Parameters are all learned values, biases and normalisation scales included.

    Args:
        network: left untouched, its mode too.
        input_shape: (channels, height, width).
    """
    copy = detached(network).eval()
    seen = layers.observe(copy, layers.random_inputs(copy, input_shape, images=1))
    modules = dict(copy.named_modules())
    flops = 0
    for layer in seen:
        weight = modules[layer.name].weight  # no parameter where it is masked
        assert isinstance(weight, Tensor)
        # A weight has in * out * K / groups elements, each used once a position.
        flops += 2 * layer.positions * weight.numel()
    return Cost(flops=flops, parameters=sum(p.numel() for p in network.parameters()))
