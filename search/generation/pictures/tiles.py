"""Many small images as one."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from PIL import Image

from search.pictures.mistakes import CHANNELS, COARSE, LEAST

Pixels = NDArray[np.uint8]

GAP = 2
"""White pixels between two images."""

MOST = 50_000
"""Values of all images of a picture: even of noise its file then stays below 150 KB."""

FINE = 32
"""Pixels a side up to which images are shown as they are where there are many."""


def drawable(images: Pixels) -> bool:
    """Whether (n, channels, height, width) are pictures; series of numbers are none."""
    _, channels, *sides = images.shape
    return channels in CHANNELS and min(sides) >= LEAST


def overview(images: Pixels) -> tuple[Pixels, str]:
    """Images with no side above ``FINE``, and what to say of it.

    Larger ones are made smaller by a whole number, each pixel the mean of a square.
    """
    *_, height, width = images.shape
    by = min(ceil(max(height, width) / FINE), height, width)
    if by == 1:
        return images, ""
    rows, columns = height // by, width // by
    squares = images[:, :, : rows * by, : columns * by].reshape(
        *images.shape[:2], rows, by, columns, by
    )
    return squares.mean(axis=(3, 5)).round().astype(np.uint8), f"; images at 1/{by} of their size"


def room(images: Pixels) -> int:
    """How many images like these a picture holds."""
    values: int = images[0].size
    return max(1, MOST // values)


def sheet(images: Pixels, columns: int) -> Pixels:
    """Images row by row on white.

    Args:
        images: uint8 (n, channels, height, width) of 1 or 3 channels.
        columns: images in a row, at least 1.

    Returns:
        uint8 (height, width) or (height, width, 3).
    """
    count, channels, height, width = images.shape
    down, across = height + GAP, width + GAP
    whole = np.full((ceil(count / columns) * down, columns * across, channels), 255, np.uint8)
    for place, image in enumerate(images):
        top, left = place // columns * down, place % columns * across
        whole[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return whole[:-GAP, :-GAP].squeeze(axis=2) if channels == 1 else whole[:-GAP, :-GAP]


def show(axes: Axes, images: Pixels, columns: int) -> None:
    """Draw a sheet, without axes."""
    fine = max(images.shape[2:]) <= COARSE
    how = "nearest" if fine else "antialiased"
    axes.imshow(sheet(images, columns), cmap="gray", vmin=0, vmax=255, interpolation=how)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def name_rows(axes: Axes, height: int, names: Sequence[str]) -> None:
    """Write beside each row of a sheet of images of some height what it is."""
    places = [place * (height + GAP) + height / 2 for place in range(len(names))]
    axes.set_yticks(places, list(names))
    axes.tick_params(length=0)


def save(images: Pixels, file: Path, side: int = 480) -> None:
    """Write images as one PNG file, as near to a square as their number allows.

    Args:
        images: uint8 (n, channels, height, width) of 1 or 3 channels.
        file: to write.
        side: pixels; small images are enlarged by a whole number up to it.
    """
    made = Image.fromarray(sheet(images, ceil(len(images) ** 0.5)))
    factor = max(1, side // max(made.size))
    made.resize((made.width * factor, made.height * factor), Image.Resampling.NEAREST).save(file)
