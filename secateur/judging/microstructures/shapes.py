"""What can be said of the inclusions of one image: figures that a validity test goes by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from secateur.judging.microstructures.circles import circles
from secateur.judging.microstructures.phases import Levels, Phase, bright

# An outline is known to about a pixel; nearer than this to a border, no circle can be told.
_TOLERANCE = 1.0
_MARGIN = 7
_WINDOW = 12  # pixels along each side, for the grain
_STEEP = (0.3, 0.7)  # between the levels of the phases: in the middle of an edge

Figures = dict[str, NDArray[np.float64]]


def shapes(grey: Levels) -> Figures:
    """Figures of each image, (n,) each.

    - ``fraction``: share of the bright phase.
    - ``discs``: circles that were found, see ``circles``.
    - ``unexplained``: share of the bright area that no circle holds.
    - ``hollow``: area within circles that is dark, as a share of the bright area.
    - ``overlap``: how deep any two circles are in each other, in radii of the smaller.
    - ``hole``: radius of the largest dark circle within the image, in pixels.
    - ``edge``: width of the edges: pixels of a middle level for each pixel on an outline.
    - ``grain``: how even the noise is: the least mean step from a pixel to the next in any
      window of 12x12 pixels, by the median of all windows. Noise of any strength gives about
      as much; a patch without noise 0, and so does an image without any.

    Unexplained and hollow area is counted off the borders, by a pixel within or without a
    circle's outline. An image of one level has no circle and no bright area; all of it is
    unexplained.

    Args:
        grey: uint8 (n, height, width).
    """
    phase, found = bright(grey), circles(grey)
    single = [_explained(one, rows) for one, rows in zip(phase, found, strict=True)]
    unexplained, hollow = np.array(single).reshape(-1, 2).T
    return {
        "fraction": phase.mean(axis=(1, 2)),
        "discs": np.array([len(rows) for rows in found], np.float64),
        "unexplained": unexplained,
        "hollow": hollow,
        "overlap": np.array([_overlap(rows) for rows in found]),
        "hole": np.array([_hole(one) for one in phase]),
        "edge": _edges(grey, phase),
        "grain": np.array([_grain(image) for image in grey]),
    }


def _explained(phase: Phase, found: NDArray[np.float32]) -> tuple[float, float]:
    """Bright area without a circle and dark area within one, as shares of the bright area."""
    y, x = np.indices(phase.shape, np.float32) + np.float32(0.5)
    across, down, radius = found.T[:, :, None, None]
    depth = (radius - np.hypot(x - across, y - down)).max(axis=0, initial=-np.inf)
    off = (slice(_MARGIN, -_MARGIN),) * 2
    area = np.count_nonzero(phase[off])
    if not area:
        return 1.0, 0.0
    outside = np.count_nonzero(phase[off] & (depth[off] < -_TOLERANCE))
    dark = np.count_nonzero(~phase[off] & (depth[off] > _TOLERANCE))
    return outside / area, dark / area


def _overlap(found: NDArray[np.float32]) -> float:
    x, y, radius = found.T
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(apart, np.inf)
    depth = (radius[:, None] + radius - apart) / np.minimum(radius[:, None], radius)
    return float(depth.max(initial=0))


def _hole(phase: Phase) -> float:
    if not phase.any():
        return min(phase.shape) / 2
    dark = np.pad(~phase, 1).astype(np.uint8)
    return float(cv2.distanceTransform(dark, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).max())


def _edges(grey: Levels, phase: Phase) -> NDArray[np.float64]:
    """Pixels of a middle level by pixels on an outline; 0 where there is none."""
    inside = np.maximum(phase.sum(axis=(1, 2)), 1)
    outside = np.maximum((~phase).sum(axis=(1, 2)), 1)
    high = ((grey * phase).sum(axis=(1, 2)) / inside)[:, None, None]
    low = ((grey * ~phase).sum(axis=(1, 2)) / outside)[:, None, None]
    near, far = (low + share * (high - low) for share in _STEEP)
    middle = ((grey > near) & (grey < far)).sum(axis=(1, 2))
    across = (phase[:, :, 1:] != phase[:, :, :-1]).sum(axis=(1, 2))
    down = (phase[:, 1:] != phase[:, :-1]).sum(axis=(1, 2))
    width: NDArray[np.float64] = middle / np.maximum(across + down, 1)
    return width


def _grain(image: Levels) -> float:
    steps = np.abs(np.diff(image.astype(np.float32), axis=1))
    size, off = _WINDOW, _WINDOW // 2
    means = cv2.boxFilter(steps, -1, (size, size))[off : 1 - off, off : 1 - off]
    median = float(np.median(means))
    return float(means.min()) / median if median else 0.0
