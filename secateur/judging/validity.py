"""Whether an image of a microstructure could be a real one, image by image.

Distances between sets of images say nothing of the single one. This test does: its bounds
are learned from real images, and a generated image is valid where all its figures lie within.
Needs no torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from secateur.errors import DataError
from secateur.judging.microstructures.phases import levels
from secateur.judging.microstructures.shapes import SMALLEST, Figures, shapes
from secateur.records import Record

# Figures with a least value, and with a greatest; what is 0 at best has the latter alone.
_LEAST = ("fraction", "discs", "edge", "grain", "roundness")
_GREATEST = ("fraction", "discs", "edge", "unexplained", "hollow", "overlap", "dent", "hole")
_FEWEST = 200


class Bounds(Record):
    """Least and greatest value of a figure of a valid image, both included; absent: any."""

    low: float | None = None
    high: float | None = None


class ValidityRule(Record):
    """Bounds that were learned from real images.

    Attributes:
        bounds: by figure of ``judging.microstructures.shapes``.
        images: real images that it was learned from.
        allowance: share of real images that were to be given up at most.
    """

    bounds: dict[str, Bounds]
    images: int
    allowance: float = Field(gt=0, lt=1)


def learn(images: Any, allowance: float = 0.03) -> ValidityRule:
    """Bounds such that all but ``allowance`` of the real images pass.

    The allowance is shared out evenly among the bounds, each a quantile of its figure; as an
    image may fail by several, about ``allowance`` of other real images fail, or fewer.

    Args:
        images: real ones to learn from, (n, channels, height, width), uint8 or in [-1, 1].
        allowance: in (0, 1).

    Raises:
        DataError: fewer than 200 images, or images below 32x32 pixels.
    """
    if min(images.shape[2:]) < SMALLEST:
        raise DataError(
            f"images of {images.shape[2]}x{images.shape[3]} pixels are too small for a validity "
            f"test; expected {SMALLEST} or more on either side"
        )
    if len(images) < _FEWEST:
        raise DataError(
            f"{len(images)} images are too few to learn a validity test from; "
            f"expected {_FEWEST} or more"
        )
    figures = shapes(levels(images))
    tail = allowance / (len(_LEAST) + len(_GREATEST))
    bounds = {name: _bounds(name, values, tail) for name, values in figures.items()}
    return ValidityRule(bounds=bounds, images=len(images), allowance=allowance)


def valid(images: Any, rule: ValidityRule) -> NDArray[np.bool_]:
    """Whether each image passes, (n,).

    Args:
        images: (n, channels, height, width), uint8 or in [-1, 1].
        rule: learned from real images of the same kind and size.
    """
    return within(shapes(levels(images)), rule)


def within(figures: Figures, rule: ValidityRule) -> NDArray[np.bool_]:
    """Whether the figures of each image, as ``shapes`` gives them, are within all bounds."""
    passed = [_inside(figures[name], bounds) for name, bounds in rule.bounds.items()]
    together: NDArray[np.bool_] = np.logical_and.reduce(passed)
    return together


def _inside(values: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    low = -np.inf if bounds.low is None else bounds.low
    high = np.inf if bounds.high is None else bounds.high
    inside: NDArray[np.bool_] = (low <= values) & (values <= high)
    return inside


def _bounds(name: str, values: NDArray[np.float64], tail: float) -> Bounds:
    low = float(np.quantile(values, tail, method="lower")) if name in _LEAST else None
    high = float(np.quantile(values, 1 - tail, method="higher")) if name in _GREATEST else None
    return Bounds(low=low, high=high)
