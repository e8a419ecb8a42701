"""The kernel distance between two sets of features (Bińkowski et al. 2018).

The unbiased estimate of the squared maximum mean discrepancy under the kernel
k(x, y) = (x·y / d + 1)³ of features with d dimensions. It expects no Gaussian, does not fall
with the number of samples, and may be a little below 0 for sets of one distribution.
"""

from __future__ import annotations

import torch
from torch import Tensor

from secateur.judging.coverage import AT_ONCE


class KernelDistance:
    """Squared discrepancy from one set of features to any other.

    Args:
        real: features (samples, features), two samples or more.
    """

    def __init__(self, real: Tensor) -> None:
        assert len(real) > 1, real.shape
        self._real = real.double()
        self._own = _within(self._real)

    def __call__(self, fake: Tensor) -> float:
        """To features (samples, features), two samples or more."""
        assert len(fake) > 1, fake.shape
        other = fake.double()
        across = _sum(self._real, other) / (len(self._real) * len(other))
        return (self._own + _within(other) - 2 * across).item()


def distance(real: Tensor, fake: Tensor) -> float:
    """Squared discrepancy of features (samples, features), two samples or more on each side."""
    return KernelDistance(real)(fake)


def _sum(first: Tensor, second: Tensor) -> Tensor:
    """Of the kernel over all pairs, some rows of which are in memory at a time."""
    parts = (part @ second.T / first.shape[1] + 1 for part in torch.split(first, AT_ONCE))
    return torch.stack([(part**3).sum() for part in parts]).sum()


def _within(features: Tensor) -> Tensor:
    """The mean of the kernel over all pairs of different samples."""
    count, itself = len(features), features.square().sum(dim=1) / features.shape[1] + 1
    return (_sum(features, features) - (itself**3).sum()) / (count * (count - 1))
