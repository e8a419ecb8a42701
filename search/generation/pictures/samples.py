"""What generators make: step by step, and dense beside compressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

import numpy as np

from search.generation.pictures import tiles
from search.generation.pictures.tiles import Pixels
from search.generation.snapshots import Snapshots
from search.pictures import words
from search.pictures.look import WIDTH, canvas, note
from search.pictures.sketch import Sketch

ROWS = 8
"""Steps that are shown, evenly chosen, the first and the last among them."""

COLUMNS = 10
"""Images of a step."""

SIDE = 6
"""Images a side of a grid beside others."""

ABREAST = 3
"""Grids side by side."""


def by_step(snapshots: Snapshots) -> Sketch | None:
    """A row a step, a column a noise.

    Returns:
        Nothing where nothing was taken, or what is made is no picture.
    """
    if not snapshots.steps or not tiles.drawable(snapshots.images[0]):
        return None
    shown = evenly(len(snapshots.steps), ROWS)
    first, smaller = tiles.overview(snapshots.images[0])
    columns = max(1, min(COLUMNS, len(first), tiles.room(first) // len(shown)))
    taken = np.concatenate([snapshots.images[place][:columns] for place in shown])
    images, _ = tiles.overview(taken)
    height, width = images.shape[2:]
    title = "Samples by step"
    inches = 0.8 + 0.86 * WIDTH * len(shown) * height / (columns * width)
    figure, ((axes,),) = canvas(title, inches)
    tiles.show(axes, images, columns)
    tiles.name_rows(axes, height, [f"step {snapshots.steps[place]:,}" for place in shown])
    note(figure, f"each column is the same noise{smaller}")
    says = said_of_steps([snapshots.steps[place] for place in shown])
    return Sketch("samples-by-step", title, says, figure)


def side_by_side(made: Mapping[str, Pixels]) -> Sketch | None:
    """A grid a generator, the same noise at the same place.

    Args:
        made: images of the same noise by the name of the generator, the dense one first.

    Returns:
        Nothing where there is one generator alone, or what is made is no picture.
    """
    whole, *others = made.values()
    if not others or not tiles.drawable(whole):
        return None
    first, smaller = tiles.overview(whole)
    most = int((tiles.room(first) / len(made)) ** 0.5)
    side = max(1, min(SIDE, int(len(first) ** 0.5), most))
    across = min(ABREAST, len(made))
    down = ceil(len(made) / across)
    height, width = first.shape[2:]
    title = "Dense beside compressed"
    inches = 0.6 + down * (0.35 + WIDTH / across * height / width)
    figure, grid = canvas(title, inches, down, across)
    for axes, (name, images) in zip(grid.flat, made.items(), strict=False):
        tiles.show(axes, tiles.overview(images[: side * side])[0], side)
        axes.set_title(name)
    for axes in grid.flat[len(made) :]:
        axes.set_axis_off()
    note(figure, f"the same noise at the same place{smaller}")
    says = said_of_generators(words.counted(side * side, "image"), made)
    return Sketch("dense-beside-compressed", title, says, figure)


def said_of_steps(steps: Sequence[int]) -> str:
    """What a picture of the same noise at these steps of a training shows."""
    return (
        f"What the generator makes of the same noise at {words.counted(len(steps), 'step')} of "
        f"its training, from {steps[0]:,} to {steps[-1]:,}."
    )


def said_of_generators(shown: str, names: Iterable[str]) -> str:
    """What a picture of so many samples of each generator shows; the chosen has a star."""
    plain = (name.removesuffix(" *") for name in names)
    return f"{shown} by each of {', '.join(plain)}, made of the same noise."


def evenly(count: int, most: int) -> list[int]:
    """At most so many places among ``count``, the first and the last among them."""
    places: list[int] = np.linspace(0, count - 1, min(most, count)).round().astype(int).tolist()
    return places
