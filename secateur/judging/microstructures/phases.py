"""Grey images as two phases: bright inclusions in a dark matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEVELS = 256
_GREY = (1, 3)  # numbers of channels
_BATCH = 4  # axes of images

Levels = NDArray[np.uint8]
Phase = NDArray[np.bool_]


def levels(images: Any) -> Levels:
    """Images as grey levels, uint8 (n, height, width).

    Args:
        images: (n, channels, height, width), an array or a tensor on the CPU; uint8 as it is,
            or floats in [-1, 1] as generators make them. Colours are averaged.
    """
    array = np.asarray(images)
    assert array.ndim == _BATCH, array.shape
    assert array.shape[1] in _GREY, array.shape
    if array.dtype != np.uint8:
        array = np.rint(np.clip((array + 1) * 127.5, 0, 255)).astype(np.uint8)
    single = array.shape[1] == 1
    grey: Levels = array[:, 0] if single else np.rint(array.mean(axis=1)).astype(np.uint8)
    return np.ascontiguousarray(grey)


def thresholds(grey: Levels) -> NDArray[np.uint8]:
    """Otsu's threshold of each image, uint8 (n,): bright is what lies above.

    The one that parts the levels into two classes with the largest variance between them
    (Otsu, "A threshold selection method from gray-level histograms", 1979); the middle one
    where several do. 255, above which nothing is, for an image of one level.
    """
    count, pixels = len(grey), grey[0].size
    offsets = np.arange(count, dtype=np.int64)[:, None] * _LEVELS
    places = (grey.reshape(count, pixels) + offsets).ravel()
    histogram = np.bincount(places, minlength=count * _LEVELS).reshape(count, _LEVELS)
    below = histogram.cumsum(axis=1)
    weighted = (histogram * np.arange(_LEVELS)).cumsum(axis=1)
    # Between-class variance, times pixels²: exact in 64-bit floats for images of any use here.
    apart = weighted * float(pixels) - weighted[:, -1:] * below.astype(np.float64)
    split = below * (pixels - below).astype(np.float64)
    between = np.divide(apart**2, split, out=np.zeros_like(apart), where=split > 0)
    best = between == between.max(axis=1, keepdims=True)
    first = best.argmax(axis=1)
    last = _LEVELS - 1 - best[:, ::-1].argmax(axis=1)
    flat = between.max(axis=1) == 0
    return np.where(flat, _LEVELS - 1, (first + last) // 2).astype(np.uint8)


def bright(grey: Levels) -> Phase:
    """Which pixels belong to the bright phase, bool (n, height, width), by Otsu's threshold."""
    return grey > thresholds(grey)[:, None, None]


def volume_fraction(phase: Phase) -> NDArray[np.float64]:
    """Share of the bright phase in each image, (n,) in [0, 1]."""
    fraction: NDArray[np.float64] = phase.mean(axis=(1, 2))
    return fraction
