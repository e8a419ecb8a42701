"""What a pruned network can get back without training: its batch norm statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def recalibrate(network: nn.Module, batches: Iterable[torch.Tensor]) -> None:
    """Recompute batch norm statistics in place from images, without touching weights.

    Cutting channels shifts what later layers receive, so the stored means and variances no
    longer hold.  Each becomes the plain average over the batches (batches count alike),
    with dropout off; the network's modes and momenta are as before, also after an error.
    A network without running statistics is left alone and the batches are not read.

    Args:
        network: changed in place: its running statistics.
        batches: at least one, normalised as in training, on the network's device, shape
            [images, channels, height, width] with two images or more.
    """
    norms = _norms(network)
    if not norms:
        return
    with gathering_statistics(network):
        for batch in batches:
            network(batch)
    assert norms[0].num_batches_tracked, "no batch to recompute statistics from"


@contextmanager
def gathering_statistics(network: nn.Module) -> Iterator[None]:
    """Forward passes inside average batch norm statistics anew, all else in evaluation mode.

    Afterwards modes and momenta are as before.
    """
    norms = _norms(network)
    momenta = [norm.momentum for norm in norms]
    try:
        with norms_alone_training(network):
            for norm in norms:
                norm.reset_running_stats()
                norm.momentum = None  # a cumulative average, by torch's definition
            yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


@contextmanager
def norms_alone_training(network: nn.Module) -> Iterator[None]:
    """Batch norms go by their batches inside, all else is in evaluation mode; then as before."""
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()
        for norm in _norms(network):
            norm.train()
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def _norms(network: nn.Module) -> list[_BatchNorm]:
    return [
        module
        for module in network.modules()
        if isinstance(module, _BatchNorm) and module.track_running_stats
    ]
