"""Circles in an image, by OpenCV's Hough transform."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from secateur.judging.microstructures.phases import Levels, thresholds

# Circles of a few pixels are found only in an enlarged image.
_ENLARGED = 4
_RADII = (2.5, 16.0)  # in pixels of the image itself
_SMOOTHING = 3.0  # standard deviation, in pixels of the enlarged image
# Pixels of the image that its borders are continued by: centres may lie outside.
_BEYOND = 4
_RESOLUTION = 1.5  # of the accumulator: pixels of the enlarged image
_EDGE = 300.0  # least gradient of an edge, of an image that spans all levels
_PERFECTION = 0.8  # how well edges follow a circle, 1 at best; OpenCV's advice for small ones
_LEAST_DISTANCE = 2.0  # between centres, in pixels of the image
_SAME = 0.5  # of a radius: centres that are nearer are those of one inclusion found twice


def circles(grey: Levels) -> list[NDArray[np.float32]]:
    """The circles of each image: (circles, 3), a row (x, y, radius) each, in pixels.

    The centre of the pixel in the first row and column is at (0.5, 0.5). Levels are stretched
    so that matrix and inclusions span them, and the image is enlarged fourfold; then OpenCV's
    ``HOUGH_GRADIENT_ALT`` looks for circles of radii from 2.5 to 16 pixels.

    Args:
        grey: uint8 (n, height, width).
    """
    return [_circles(image, parting) for image, parting in zip(grey, thresholds(grey), strict=True)]


def _circles(image: Levels, parting: np.uint8) -> NDArray[np.float32]:
    inside = image > parting
    if not inside.any():
        return np.empty((0, 3), np.float32)
    low, high = image[~inside].mean(), image[inside].mean()
    stretched = np.clip((image - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    beyond = _BEYOND
    wide = cv2.copyMakeBorder(stretched, beyond, beyond, beyond, beyond, cv2.BORDER_REPLICATE)
    large = cv2.resize(wide, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    found = cv2.HoughCircles(
        cv2.GaussianBlur(large, (0, 0), _SMOOTHING),
        cv2.HOUGH_GRADIENT_ALT,
        dp=_RESOLUTION,
        minDist=_LEAST_DISTANCE * _ENLARGED,
        param1=_EDGE,
        param2=_PERFECTION,
        minRadius=round(_RADII[0] * _ENLARGED),
        maxRadius=round(_RADII[1] * _ENLARGED),
    )
    # OpenCV's stubs do not say that there may be no circle, nor what the array holds.
    rows = cast(NDArray[np.float32] | None, found)
    if rows is None:
        return np.empty((0, 3), np.float32)
    scaled = (rows.reshape(-1, rows.shape[-1])[:, :3] + (0.5, 0.5, 0)) / _ENLARGED
    return _once_each((scaled - (_BEYOND, _BEYOND, 0)).astype(np.float32))


def _once_each(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without circles about the centre of one before, which OpenCV is surer of."""
    x, y, radius = found.T
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    same = apart < _SAME * np.minimum(radius[:, None], radius)
    kept: list[int] = []
    for place in range(len(found)):
        if not same[place, kept].any():
            kept.append(place)
    return found[kept]
