"""A picture before it is a file."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Sketch:
    """A figure, and what it says.

    Attributes:
        name: of its file, without the ending.
        title: a few words, those in the figure.
        says: one sentence, the caption.
        figure: what is to be saved.
    """

    name: str
    title: str
    says: str
    figure: Figure
