"""The Fréchet distance between two sets of features, each taken for a Gaussian.

Dowson & Landau 1982; of images' features since Heusel et al. 2017. It falls with the number
of samples, so values compare only at one number.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean and covariance of features.

    Attributes:
        mean: float64 (features,).
        covariance: float64 (features, features), unbiased.
    """

    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Gaussian:
        """The moments of features (samples, features), two samples or more."""
        assert len(features) > 1, features.shape
        exact = features.double()
        mean = exact.mean(dim=0)
        centred = exact - mean
        return cls(mean, centred.T @ centred / (len(exact) - 1))


def distance(real: Tensor, fake: Tensor) -> float:
    """Fréchet distance between two sets of features (samples, features), 0 or more."""
    return between(Gaussian.of(real), Gaussian.of(fake))


def between(first: Gaussian, second: Gaussian) -> float:
    """|m₁ - m₂|² + tr(C₁ + C₂ - 2·(C₁ C₂)^½), 0 or more.

    (C₁ C₂)^½ and the symmetric (C₁^½ C₂ C₁^½)^½ have one trace; that of the latter is the sum
    of the roots of real eigenvalues, also where covariances are singular.
    """
    root = _root(first.covariance)
    inner = torch.linalg.eigvalsh(root @ second.covariance @ root).clamp_min(0).sqrt().sum()
    means = (first.mean - second.mean).square().sum()
    traces = first.covariance.trace() + second.covariance.trace()
    found: float = (means + traces - 2 * inner).item()
    return max(0.0, found)


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a covariance; rounding may have left it small negatives."""
    values, vectors = torch.linalg.eigh(covariance)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root
