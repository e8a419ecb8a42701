"""What a regression said against what is true."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from search.answers import Answers
from search.pictures import words
from search.pictures.look import GREY, INK, PALETTE, canvas
from search.pictures.sketch import Sketch
from secateur.records import Evaluation

MOST = 2000
"""Inputs that are drawn as dots, evenly out of all; the histogram counts all."""

BINS = 40


def values(evaluation: Evaluation, answers: Answers) -> Sketch | None:
    """Said against true values of the champion, and the residuals of both networks.

    Returns:
        Nothing of a classification.
    """
    if answers.labels:
        return None
    title = "What was said against what is true"
    figure, ((left, middle, right),) = canvas(title, 3.2, columns=3, width_ratios=(3, 3, 1.6))
    middle.sharey(right)
    place, names = words.champion(evaluation), words.networks(evaluation)
    count = len(answers.truths)
    dots = np.linspace(0, count - 1, min(MOST, count), dtype=np.int64)
    truths, said = answers.truths[dots], answers.said[place][dots]
    _diagonal(left, truths, said)
    left.set_title(names[place] if len(dots) == count else f"{names[place]}, {MOST} of {count}")
    _dots(middle, truths, said - truths)
    middle.axhline(0, color=INK, linewidth=0.8)
    middle.set(xlabel="true value", ylabel="said - true")
    residuals = {one: answers.said[one] - answers.truths for one in (0, place)}
    bins = _bins(np.concatenate(list(residuals.values())))
    for one, ink in {0: GREY, place: PALETTE[0]}.items():
        right.hist(residuals[one], bins, orientation="horizontal", histtype="step", color=ink)
    right.set(xlabel="inputs")
    right.tick_params(labelleft=False)
    right.set_title("grey: dense" if place else "")
    figures = evaluation.champion.figures
    says = (
        f"Said against true values of {count} test inputs by {words.plain(evaluation, place)}, "
        f"and its residuals: R² {figures.accuracy:.2%}, mean absolute error "
        f"{figures.mae or 0.0:.4g}."
    )
    return Sketch("said-against-true", title, says, figure)


def _dots(axes: Axes, x: NDArray[np.floating], y: NDArray[np.floating]) -> None:
    axes.plot(x, y, ".", color=PALETTE[0], alpha=0.5 if len(x) < MOST else 0.25, markersize=4)


def _diagonal(axes: Axes, truths: NDArray[np.floating], said: NDArray[np.floating]) -> None:
    _dots(axes, truths, said)
    ends = [min(truths.min(), said.min()), max(truths.max(), said.max())]
    axes.plot(ends, ends, color=INK, linewidth=0.8)
    axes.set(xlabel="true value", ylabel="said value", aspect="equal", adjustable="datalim")


def _bins(residuals: NDArray[np.floating]) -> NDArray[np.float64]:
    """Edges of bins that hold all; of some width where all residuals are the same."""
    low, high = float(residuals.min()), float(residuals.max())
    least = 1e-3 * max(abs(low), abs(high), 1e-6)
    return np.linspace(low - least, high + least, BINS + 1)
