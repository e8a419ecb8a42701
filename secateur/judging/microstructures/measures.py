"""How like real microstructures a set of generated ones is: the judge's further measures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.data.dataset import Development
from secateur.judging.microstructures.correlation import two_point_correlation
from secateur.judging.microstructures.lineal_path import lineal_path
from secateur.judging.microstructures.phases import bright, levels, volume_fraction
from secateur.judging.microstructures.shapes import shapes
from secateur.judging.validity import ValidityRule, learn, within

LEARNED = 1000
"""Training images that a validity test is learned from by default."""
_SEARCHED = 200


class MicrostructureMeasures:
    """Holds what is known of real images; called with generated ones, it gives figures.

    - ``volume_fraction``: mean share of the bright phase.
    - ``volume_fraction_distance``: between the volume fractions of generated and of real
      images, the 1-Wasserstein distance; in [0, 1], 0 at best.
    - ``two_point_distance``, ``lineal_path_distance``: between the mean functions of both, root
      mean square over the distances, by the real volume fraction; 0 at best.
    - ``unexplained``: mean share of the bright area that no circle holds.
    - ``valid``: share of images that pass the validity test.

    The last two look for circles, which costs milliseconds an image, in the first
    ``searched`` images alone.

    Args:
        real: uint8 (n, channels, height, width).
        rule: of the validity test.
        searched: images at most in which circles are looked for.
    """

    def __init__(self, real: Any, rule: ValidityRule, searched: int = _SEARCHED) -> None:
        self.rule = rule
        self._searched = searched
        self._fractions, self._pairs, self._paths = _functions(real)

    def __call__(self, images: Any) -> dict[str, float]:
        """Figures of images, (n, channels, height, width), uint8 or in [-1, 1]."""
        from scipy.stats import wasserstein_distance

        fractions, pairs, paths = _functions(images)
        figures = shapes(levels(images[: self._searched]))
        return {
            "volume_fraction": float(fractions.mean()),
            "volume_fraction_distance": float(wasserstein_distance(fractions, self._fractions)),
            "two_point_distance": self._apart(pairs, self._pairs),
            "lineal_path_distance": self._apart(paths, self._paths),
            "unexplained": float(figures["unexplained"].mean()),
            "valid": float(within(figures, self.rule).mean()),
        }

    def _apart(self, function: NDArray[np.float64], real: NDArray[np.float64]) -> float:
        return float(np.sqrt(((function - real) ** 2).mean()) / self._fractions.mean())


def measures_of(development: Development, searched: int = _SEARCHED) -> MicrostructureMeasures:
    """Measures by the training split, of which the first 1,000 teach the validity test.

    Raises:
        DataError: fewer than 200 training images.
    """
    train = development.train.pixels
    return MicrostructureMeasures(train, learn(train[:LEARNED]), searched)


def _functions(
    images: Any,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Volume fraction of each image, and mean S2 and L of all."""
    phase = bright(levels(images))
    pairs, paths = two_point_correlation(phase), lineal_path(phase)
    return volume_fraction(phase), pairs.mean(axis=0), paths.mean(axis=0)
