"""The test images that the champion got wrong with most confidence."""

from __future__ import annotations

from math import ceil

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from search.answers import Answers
from search.pictures import words
from search.pictures.look import FAINT, INK, SMALL, canvas, note
from search.pictures.sketch import Sketch
from secateur.records import Evaluation

COLUMNS = 5
CHANNELS = (1, 3)
"""Of what can be shown: grey and colour."""

LEAST = 4
"""Pixels a side, below which inputs are numbers rather than images."""

COARSE = 64
"""Pixels a side up to which each pixel is drawn as a square."""

LETTERS = 12
"""Of the names of classes."""


def mistakes(evaluation: Evaluation, answers: Answers) -> Sketch | None:
    """A grid of at most 25 images with what was said, how surely, and what is true.

    Returns:
        Nothing where there is no mistake, or the inputs are no images.
    """
    count, channels, *sides = answers.pixels.shape
    if not count or channels not in CHANNELS or min(sides) < LEAST:
        return None
    title = "The worst mistakes"
    rows = ceil(count / COLUMNS)
    figure, grid = canvas(title, 0.75 + 1.62 * rows, rows, COLUMNS)
    names = words.classes(answers.labels, LETTERS)
    place = words.champion(evaluation)
    for axes, image, test in zip(grid.flat, shown(answers.pixels), answers.worst, strict=False):
        said, sure = names[answers.said[place, test]], answers.sure[place, test]
        _tile(axes, image, f"said {said}, {sure:.1%}", f"true {names[answers.truths[test]]}")
    for axes in grid.flat[count:]:
        axes.set_axis_off()
    wrong = int((answers.said[place] != answers.truths).sum())
    network = words.networks(evaluation)[place]
    which = "all" if count == wrong else f"the {count} surest of"
    note(figure, f"{which} {wrong} mistakes of {network} in {len(answers.truths)} test images, "
         "the surest first")  # fmt: skip
    first = answers.worst[0]
    says = (
        f"Of the {wrong} test images that {words.plain(evaluation, place)} got wrong, the {count} "
        f"that it was surest of; the first was called {names[answers.said[place, first]]} "
        f"at {answers.sure[place, first]:.1%} and is {names[answers.truths[first]]}."
    )
    return Sketch("worst-mistakes", title, says, figure)


def shown(pixels: NDArray[np.generic]) -> NDArray[np.float64]:
    """Images (n, channels, height, width) of any range as (n, height, width, channels) in [0, 1].

    Numbers other than uint8 are stretched over all the images together.
    """
    images = pixels.astype(np.float64).transpose(0, 2, 3, 1)
    if pixels.dtype == np.uint8:
        return images / np.iinfo(np.uint8).max
    low, high = float(images.min()), float(images.max())
    stretched: NDArray[np.float64] = (images - low) / ((high - low) or 1.0)
    return stretched


def _tile(axes: Axes, image: NDArray[np.float64], said: str, truth: str) -> None:
    how = "nearest" if max(image.shape[:2]) <= COARSE else "antialiased"
    axes.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=1, interpolation=how)
    axes.set_title(f"{said}\n{truth}", fontsize=SMALL, color=INK, loc="center")
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=FAINT)
