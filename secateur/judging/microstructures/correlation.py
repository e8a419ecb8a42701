"""Two-point correlation: how likely two points some way apart are both in the bright phase.

Torquato, "Random Heterogeneous Materials" (2002), section 2.2.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from secateur.judging.microstructures.phases import Phase

_CHUNK = 250


def two_point_correlation(phase: Phase, furthest: int | None = None) -> NDArray[np.float64]:
    """S2 of each image, (n, furthest + 1): by distance, from 0 pixels to ``furthest``.

    S2(0) is the volume fraction phi; far apart, where no order is left, it tends to phi².
    Distances are rounded to whole pixels, and all pairs of pixels of a distance count alike;
    pairs reach over no border.

    Args:
        phase: bool (n, height, width).
        furthest: in pixels; half of the shorter side where absent, and at most that side - 1.
    """
    height, width = phase.shape[1:]
    furthest = min(height, width) // 2 if furthest is None else furthest
    assert 0 <= furthest < min(height, width), furthest
    parts = [
        _correlated(phase[start : start + _CHUNK], furthest)
        for start in range(0, len(phase), _CHUNK)
    ]
    return np.concatenate(parts)


def _correlated(phase: Phase, furthest: int) -> NDArray[np.float64]:
    from scipy.fft import irfft2, next_fast_len, rfft2

    count, height, width = phase.shape
    # Zeros behind the image keep its two ends from meeting.
    size = (next_fast_len(height + furthest), next_fast_len(width + furthest, real=True))
    spectrum = rfft2(phase.astype(np.float32), s=size)
    # Numbers of pairs are whole; rounding takes away what the transform has left.
    pairs = np.rint(irfft2(spectrum.real**2 + spectrum.imag**2, s=size)).reshape(count, -1)
    places, distances, possible = _shifts(height, width, furthest, size)
    rings = (places[distances == distance] for distance in range(furthest + 1))
    hits = np.stack([pairs[:, ring].sum(axis=1, dtype=np.float64) for ring in rings], axis=1)
    return hits / possible


@lru_cache(maxsize=8)
def _shifts(
    height: int, width: int, furthest: int, size: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Shifts up to ``furthest``: their places in a transform, distances, and pairs a distance."""
    steps = np.arange(-furthest, furthest + 1)
    down, across = (axis.ravel() for axis in np.meshgrid(steps, steps, indexing="ij"))
    distances = np.rint(np.hypot(down, across)).astype(np.int64)
    near = distances <= furthest
    down, across, distances = down[near], across[near], distances[near]
    places = ((down % size[0]) * size[1] + across % size[1]).astype(np.int64)
    pairs = (height - np.abs(down)) * (width - np.abs(across))
    return places, distances, np.bincount(distances, pairs).astype(np.float64)
