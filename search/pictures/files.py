"""Sketches as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

from search.pictures.look import LOOK
from search.pictures.picture import Picture
from search.pictures.sketch import Sketch

LARGE = 100_000
"""Bytes from which on a picture without colours is kept in levels of grey, a third as large."""

_GREY = 32
"""Levels that the channels of a pixel without a colour differ by: the ink is a little blue."""


def save(sketches: Callable[[], Iterator[Sketch | None]], folder: Path) -> tuple[Picture, ...]:
    """Draw sketches one after the other, so that no more than one is held, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with mpl.rc_context(LOOK):
        for sketch in sketches():
            if sketch is not None:
                file = folder / f"{sketch.name}.png"
                write(sketch, file)
                drawn.append(Picture(file, sketch.title, sketch.says))
    return tuple(drawn)


def write(sketch: Sketch, file: Path) -> None:
    """Draw a sketch into a PNG file."""
    sketch.figure.savefig(file)
    if file.stat().st_size < LARGE:
        return
    with Image.open(file) as opened:
        whole = opened.convert("RGB")
    if np.ptp(np.asarray(whole), axis=2).max() < _GREY:
        whole.convert("L").save(file)
