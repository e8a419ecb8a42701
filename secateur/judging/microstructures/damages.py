"""Ways to damage images of microstructures, to test measures with: none may pass for real.

Each takes uint8 images (n, 1, height, width) and a source of randomness, and returns as many.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Damage = Callable[[Pixels, np.random.Generator], Pixels]

_NOISE = 40  # levels
_BLUR = 3.0  # pixels
_WARP, _WARP_SCALE = 3.0, 5.0  # pixels that points move by, and over which they move alike
_CUT = 24  # pixels along each side of a patch


def noise(images: Pixels, generator: np.random.Generator) -> Pixels:
    """Normal noise of a standard deviation of 40 of the 255 levels is added."""
    return _levels(images + _NOISE * generator.standard_normal(images.shape, dtype=np.float32))


def blur(images: Pixels, _generator: np.random.Generator) -> Pixels:
    """A Gaussian of a standard deviation of 3 pixels."""
    from scipy.ndimage import gaussian_filter

    return _levels(gaussian_filter(images.astype(np.float32), _BLUR, axes=(2, 3)))


def warp(images: Pixels, generator: np.random.Generator) -> Pixels:
    """An elastic warp: points move by 3 pixels (standard deviation in x and in y), smoothly.

    After Simard et al. 2003: white noise, smoothed by a Gaussian of 5 pixels.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    count, _, height, width = images.shape
    fields = generator.standard_normal((2, count, height, width), dtype=np.float32)
    fields = gaussian_filter(fields, _WARP_SCALE, mode="wrap", axes=(2, 3))
    fields *= _WARP / fields.std(axis=(2, 3), keepdims=True)
    grid = np.indices((height, width), np.float32)
    warped = [
        map_coordinates(image, grid + fields[:, number], order=1, mode="reflect")
        for number, image in enumerate(images[:, 0].astype(np.float32))
    ]
    return _levels(np.stack(warped)[:, None])


def shuffle(images: Pixels, generator: np.random.Generator) -> Pixels:
    """The pixels of each image in random order: its histogram is as it was."""
    count = len(images)
    return generator.permuted(images.reshape(count, -1), axis=1).reshape(images.shape)


def cut(images: Pixels, generator: np.random.Generator) -> Pixels:
    """A patch of 24x24 pixels has the grey of the image's matrix (Cutout: DeVries 2017)."""
    count, _, height, width = images.shape
    matrix = np.quantile(images, 0.3, axis=(1, 2, 3)).astype(np.uint8)
    damaged = images.copy()
    tops = generator.integers(0, height - _CUT, count, endpoint=True)
    lefts = generator.integers(0, width - _CUT, count, endpoint=True)
    for image, grey, top, left in zip(damaged, matrix, tops, lefts, strict=True):
        image[:, top : top + _CUT, left : left + _CUT] = grey
    return damaged


DAMAGES: dict[str, Damage] = {
    "noise": noise,
    "blur": blur,
    "elastic warp": warp,
    "pixel shuffle": shuffle,
    "cut-out patch": cut,
}
"""By the name that tables give them."""


def _levels(values: NDArray[np.float32]) -> Pixels:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
