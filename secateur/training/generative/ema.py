"""A running average of a network's weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_WARMUP = 10


@torch.no_grad()
def update(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move all parameters and buffers of ``average`` towards those of ``network``.

    An average keeps ``decay`` of itself, but (1 + step) / (10 + step) at most, so that it soon
    forgets the initial weights. Statistics of batch norms are averaged as weights are; whole
    numbers are taken over.

    Args:
        average: of the structure of ``network``; altered in place.
        network: left untouched.
        decay: in [0, 1).
        step: of the training, from 1.
    """
    share = 1 - min(decay, (1 + step) / (_WARMUP + step))
    for old, new in zip(_tensors(average), _tensors(network), strict=True):
        if old.is_floating_point():
            old.lerp_(new, share)
        else:
            old.copy_(new)


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*network.parameters(), *network.buffers()]
