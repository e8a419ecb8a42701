"""Lineal path: how likely a segment of some length lies in the bright phase as a whole.

Lu and Torquato, "Lineal-path function for random heterogeneous materials" (1992).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secateur.judging.microstructures.phases import Phase


def lineal_path(phase: Phase, longest: int | None = None) -> NDArray[np.float64]:
    """L of each image, (n, longest + 1): by length, from 0 steps between pixels to ``longest``.

    L(0) is the volume fraction; L falls with the length, to 0 beyond the largest inclusion.
    Segments lie along rows and columns, both alike, and reach over no border.

    Args:
        phase: bool (n, height, width).
        longest: half of the shorter side where absent, and at most that side - 1.
    """
    height, width = phase.shape[1:]
    longest = min(height, width) // 2 if longest is None else longest
    assert 0 <= longest < min(height, width), longest
    rows, columns = phase, phase
    shares = [phase.mean(axis=(1, 2))]
    for length in range(1, longest + 1):
        rows = rows[:, :, :-1] & phase[:, :, length:]
        columns = columns[:, :-1] & phase[:, length:]
        hits = np.count_nonzero(rows, axis=(1, 2)) + np.count_nonzero(columns, axis=(1, 2))
        shares.append(hits / (rows[0].size + columns[0].size))
    return np.stack(shares, axis=1)
