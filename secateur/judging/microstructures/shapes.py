"""What can be said of the inclusions of one image: figures that a validity test goes by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from secateur.judging.microstructures.circles import circles
from secateur.judging.microstructures.phases import Levels, Phase, bright

# Pixels by which an outline may be off. No circle can be told of what a border leaves of one:
# nearer to it than the first, dark area in circles does not count, and nearer than the second
# bright area in regions that reach the border.
_TOLERANCE = 1.0
_OFF, _FAR_OFF = 7, 11
_NECK, _SPECK = 5, 8  # pixels that a neck is wide at most, and that an outline has at least
_WINDOW = 12  # pixels along each side, for the grain
_TRIANGLE, _FIXED_POINT = 3, 256  # of OpenCV's dents: points of a hull, and of a pixel's length
_STEEP = (0.3, 0.7)  # between the levels of the phases: in the middle of an edge

SMALLEST = 32
"""Pixels that both sides of an image must have."""

Figures = dict[str, NDArray[np.float64]]
Outline = cv2.typing.MatLike


def shapes(grey: Levels) -> Figures:
    """Figures of each image, (n,) each.

    - ``fraction``: share of the bright phase.
    - ``discs``: circles that were found, see ``circles``.
    - ``unexplained``: share of the bright area that no circle holds, without what lies at a
      border and may be of a circle that it cuts.
    - ``hollow``: area within circles that is dark, as a share of the bright area.
    - ``overlap``: how deep any two circles are in each other, in radii of the smaller.
    - ``roundness``: least share of its smallest enclosing circle that a bright region fills,
      of those that reach no border, without their outermost two pixels, so that what hardly
      touches is apart; 1 where there is none.
    - ``dent``: how far the outline of any bright region lies from its convex hull, in pixels,
      without its outermost two pixels as well, but of all regions: what a border leaves of a
      disc is convex.
    - ``hole``: radius of the largest dark circle within the image, in pixels.
    - ``edge``: width of the edges: pixels of a middle level for each pixel on an outline.
    - ``grain``: how even the noise is: the least mean step from a pixel to the next in any
      window of 12x12 pixels, by the median of all windows. Noise of any strength gives about
      as much; a patch without noise 0, and so does an image without any.

    An image of one level has no circle and no bright area; all of it is unexplained.

    Args:
        grey: uint8 (n, height, width), 32 pixels or more on either side.
    """
    assert min(grey.shape[1:]) >= SMALLEST, grey.shape
    phase, found = bright(grey), circles(grey)
    single = [_explained(one, rows) for one, rows in zip(phase, found, strict=True)]
    unexplained, hollow = np.array(single).reshape(-1, 2).T
    return {
        "fraction": phase.mean(axis=(1, 2)),
        "discs": np.array([len(rows) for rows in found], np.float64),
        "unexplained": unexplained,
        "hollow": hollow,
        "overlap": np.array([_overlap(rows) for rows in found]),
        "roundness": np.array([_roundness(one) for one in phase]),
        "dent": np.array([_dent(one) for one in phase]),
        "hole": np.array([_hole(one) for one in phase]),
        "edge": _edges(grey, phase),
        "grain": np.array([_grain(image) for image in grey]),
    }


def _explained(phase: Phase, found: NDArray[np.float32]) -> tuple[float, float]:
    """Bright area without a circle and dark area within one, as shares of the bright area."""
    y, x = np.indices(phase.shape, np.float32) + np.float32(0.5)
    across, down, radius = found.T[:, :, None, None]
    depth = (radius - np.hypot(x - across, y - down)).max(axis=0, initial=-np.inf)
    whole = phase & (_inner(phase.shape, _FAR_OFF) | ~_cut(phase))
    off = _inner(phase.shape, _OFF)
    outside = int(np.count_nonzero(whole & (depth < -_TOLERANCE)))
    dark = int(np.count_nonzero(off & ~phase & (depth > _TOLERANCE)))
    area, inside = int(np.count_nonzero(whole)), int(np.count_nonzero(off & phase))
    return (outside / area if area else 1.0), dark / max(inside, 1)


def _inner(shape: tuple[int, ...], margin: int) -> Phase:
    """The pixels (height, width) that are ``margin`` or more off the borders."""
    inner = np.zeros(shape, np.bool_)
    inner[margin:-margin, margin:-margin] = True
    return inner


def _cut(phase: Phase) -> Phase:
    """Bright regions that reach a border."""
    _, regions = cv2.connectedComponents(phase.astype(np.uint8), connectivity=4)
    borders = (regions[0], regions[-1], regions[:, 0], regions[:, -1])
    cut: Phase = np.isin(regions, np.concatenate(borders)) & phase
    return cut


def _overlap(found: NDArray[np.float32]) -> float:
    x, y, radius = found.T
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(apart, np.inf)
    depth = (radius[:, None] + radius - apart) / np.minimum(radius[:, None], radius)
    return float(depth.max(initial=0))


def _roundness(phase: Phase) -> float:
    return min(map(_filled, _outlines(phase & ~_cut(phase))), default=1.0)


def _dent(phase: Phase) -> float:
    return max(map(_depth, _outlines(phase)), default=0.0)


def _outlines(phase: Phase) -> list[Outline]:
    """Of all regions, each without its outermost two pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_NECK, _NECK))
    cores = cv2.erode(phase.astype(np.uint8), kernel)
    outlines, _ = cv2.findContours(cores, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [outline for outline in outlines if len(outline) >= _SPECK]


def _filled(outline: Outline) -> float:
    """Share of the smallest circle about an outline that lies within it."""
    _, radius = cv2.minEnclosingCircle(outline)
    return float(cv2.contourArea(outline) / (np.pi * radius**2))


def _depth(outline: Outline) -> float:
    """How far an outline lies from its convex hull at most, in pixels."""
    # In order, as OpenCV asks for; where an outline touches itself they are not.
    hull = np.sort(cv2.convexHull(outline, returnPoints=False).ravel())
    dents = cv2.convexityDefects(outline, hull) if len(hull) >= _TRIANGLE else None
    # A row a dent: its ends, its deepest point, and how deep that is.
    return 0.0 if dents is None else float(dents.reshape(-1, 4)[:, 3].max()) / _FIXED_POINT


def _hole(phase: Phase) -> float:
    if not phase.any():
        return float(min(phase.shape)) / 2
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
