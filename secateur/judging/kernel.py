"""The kernel distance between two sets of features (Bińkowski et al. 2018).

The unbiased estimate of the squared maximum mean discrepancy under the kernel
k(x, y) = (x·y / d + 1)³ of features with d dimensions. It expects no Gaussian, does not fall
with the number of samples, and may be a little below 0 for sets of one distribution.
"""

from __future__ import annotations

from torch import Tensor


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
        return (self._own + _within(other) - 2 * _kernel(self._real, other).mean()).item()


def distance(real: Tensor, fake: Tensor) -> float:
    """Squared discrepancy of features (samples, features), two samples or more on each side."""
    return KernelDistance(real)(fake)


def _kernel(first: Tensor, second: Tensor) -> Tensor:
    return (first @ second.T / first.shape[1] + 1) ** 3


def _within(features: Tensor) -> Tensor:
    """The mean of the kernel over all pairs of different samples."""
    values, count = _kernel(features, features), len(features)
    return (values.sum() - values.trace()) / (count * (count - 1))
