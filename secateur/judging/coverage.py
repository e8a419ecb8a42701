"""Coverage of real images by generated ones (Naeem et al. 2020), and neighbours within a set.

Precision and density, of the same family, are not offered: early in a training both fall
while the images get better, so whoever chose by them would choose the worst.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

NEIGHBOURS = 5

AT_ONCE = 2048
"""Samples: of two sets of 60,000 all distances at once would take 29 GB."""


def radii(real: Tensor, neighbours: int = NEIGHBOURS) -> Tensor:
    """How far the k-th nearest other real sample is, float64 (samples,).

    Args:
        real: features (samples, features), more samples than neighbours.
        neighbours: k.
    """
    assert len(real) > neighbours, real.shape
    # The nearest of all is the sample itself. For a few of many ``kthvalue`` takes far longer.
    nearest = [
        distances.topk(neighbours + 1, dim=1, largest=False).values
        for distances in _distances(real, real)
    ]
    return torch.cat(nearest)[:, -1]


def coverage(real: Tensor, reach: Tensor, fake: Tensor) -> float:
    """The share of real samples with a generated one within their radius, in [0, 1].

    Args:
        real: features (samples, features).
        reach: their ``radii``.
        fake: features of generated images.
    """
    nearest = torch.cat([part.min(dim=1).values for part in _distances(real, fake)])
    return (nearest <= reach).double().mean().item()


def nearest_others(features: Tensor) -> Tensor:
    """How far the nearest other sample of the same set is, float64 (samples,)."""
    return radii(features, neighbours=1)


def _distances(first: Tensor, second: Tensor) -> Iterator[Tensor]:
    """From some samples of the first set at a time to all of the second."""
    others = second.double()
    return (torch.cdist(part, others) for part in torch.split(first.double(), AT_ONCE))
