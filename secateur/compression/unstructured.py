"""Unstructured magnitude pruning (Han et al. 2015), to compare structured pruning with.

Single weights become zero and stay in their tensors: as many FLOPs, parameters and bytes
as before, unless software or hardware skips zeros, and none of ours does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import prune

from secateur.errors import PolicyError


@contextmanager
def sparse(network: nn.Module, zeros: int) -> Iterator[None]:
    """Hold the smallest weights of a network at zero, whatever is trained inside.

    All weights of convolutions and dense layers are ranked together by their magnitude on
    entering. Begin training inside: an optimizer made before knows other parameters.

    Args:
        network: masked in place; afterwards it is as before but for its weights.
        zeros: weights to hold at zero.

    Raises:
        PolicyError: more zeros than weights.
    """
    layers = _layers(network)
    total = sum(layer.weight.numel() for layer in layers)
    if not 0 <= zeros <= total:
        raise PolicyError(f"zeros: {zeros} of {total} weights; expected 0 to {total}")
    weights = [(layer, "weight") for layer in layers]
    prune.global_unstructured(weights, pruning_method=prune.L1Unstructured, amount=zeros)
    try:
        yield
    finally:
        for layer, name in weights:
            prune.remove(layer, name)  # type: ignore[no-untyped-call]


def zeros_of(network: nn.Module) -> int:
    """Weights of convolutions and dense layers that are exactly zero."""
    return sum(int(torch.count_nonzero(layer.weight == 0)) for layer in _layers(network))


def _layers(network: nn.Module) -> list[_ConvNd | nn.Linear]:
    return [module for module in network.modules() if isinstance(module, (_ConvNd, nn.Linear))]
