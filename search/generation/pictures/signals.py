"""What generators of signals make, as lines: step by step, and dense beside compressed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from search.generation.pictures.samples import evenly, said_of_generators, said_of_steps
from search.generation.pictures.tiles import GAP, Pixels
from search.generation.snapshots import Snapshots
from search.pictures import words
from search.pictures.look import INK, canvas, colour, note
from search.pictures.mistakes import LEAST
from search.pictures.sketch import Sketch

ROWS = 4
"""Steps that are shown, evenly chosen, the first and the last among them."""

OVER = 2
"""Signals that are drawn one over another."""

BELOW = 8
"""Signals of a file that are drawn one below another."""

STRIP = (360, 60)
"""Pixels along and across one of them."""

_WHITE = 255


def drawable(images: Pixels) -> bool:
    """Whether (n, channels, height, width) are signals along the width."""
    _, _, height, width = map(int, images.shape)
    return height == 1 and width >= LEAST


def by_step(snapshots: Snapshots) -> Sketch | None:
    """A row a step, a column a channel.

    Returns:
        Nothing where nothing was taken, or what is made is no signal.
    """
    if not snapshots.steps or not drawable(snapshots.images[0]):
        return None
    shown = evenly(len(snapshots.steps), ROWS)
    rows = {f"step {snapshots.steps[place]:,}": snapshots.images[place] for place in shown}
    title = "Samples by step"
    says = said_of_steps([snapshots.steps[place] for place in shown])
    return Sketch("samples-by-step", title, says, _lines(title, rows))


def side_by_side(made: Mapping[str, Pixels]) -> Sketch | None:
    """A row a generator, a column a channel.

    Args:
        made: signals of the same noise by the name of the generator, the dense one first.

    Returns:
        Nothing where there is one generator alone, or what is made is no signal.
    """
    whole, *others = made.values()
    if not others or not drawable(whole):
        return None
    title = "Dense beside compressed"
    says = said_of_generators(words.counted(len(whole[:OVER]), "signal"), made)
    return Sketch("dense-beside-compressed", title, says, _lines(title, made))


def save(images: Pixels, file: Path) -> None:
    """Write signals as one PNG file, a row a signal and a column a channel.

    Args:
        images: uint8 (n, channels, 1, length), of which the first ``BELOW`` are drawn.
        file: to write.
    """
    along, across = STRIP
    shown = images[:BELOW]
    count, channels, _, length = shown.shape
    size = (channels * (along + GAP) - GAP, count * (across + GAP) - GAP)
    paper = Image.new("L", size, _WHITE)
    pen, places = ImageDraw.Draw(paper), np.linspace(0, along - 1, length)
    for (row, column), levels in zip(
        np.ndindex(count, channels), shown.reshape(-1, length), strict=True
    ):
        left, top = column * (along + GAP), row * (across + GAP)
        heights = top + (across - 1) * (1 - levels / _WHITE)
        pen.line(np.stack([left + places, heights], axis=1).ravel().tolist(), fill=0)
    paper.save(file)


def _lines(title: str, rows: Mapping[str, Pixels]) -> Figure:
    """The first signals of each row, one over another, a column a channel."""
    channels = next(iter(rows.values())).shape[1]
    figure, grid = canvas(
        title, 0.7 + 1.15 * len(rows), len(rows), channels, sharex=True, sharey=True
    )
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        line[0].set_title(name, color=INK)
        for channel, axes in enumerate(line):
            for place, signal in enumerate(images[:OVER]):
                # Smoothed, thousands of edges make files that are four times as large.
                axes.plot(signal[channel, 0], color=colour(place), linewidth=0.6, aa=False)
    note(figure, "a column a channel, in levels from 0 to 255; each colour is the same noise")
    return figure
