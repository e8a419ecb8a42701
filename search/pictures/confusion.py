"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from search.answers import Answers
from search.pictures import words
from search.pictures.look import FAINT, INK, MUTED, PALETTE, PAPER, SMALL, canvas, stacked
from search.pictures.sketch import Sketch
from secateur.records import Evaluation

SIDE_BY_SIDE = 12
"""Classes up to which the dense network's matrix lies beside the champion's."""

COUNTED = 25
"""Classes up to which cells hold numbers."""

LARGEST = 100
"""Classes up to which a matrix can be read at all, and is counted."""

NAMED = 30
"""Classes up to which each is named beside the matrix; of more, every second, third, ..."""

SHORT = 2
"""Letters of the longest name up to which names are written upright below the matrix."""

PAIRS = 12
"""Confusions that are listed, the most frequent ones."""

FULL = 0.1
"""Share of a class that is deep in colour at least: one mistake in a hundred is to look faint."""

DARK = 0.62
"""Depth of a cell's colour from which on what is written in it is white."""

ERRORS = LinearSegmentedColormap.from_list(
    "errors", [PAPER, "#f0c9a0", "#b35900", "#5f2f00"]
).with_extremes(bad=FAINT)


def confusion(evaluation: Evaluation, answers: Answers) -> Sketch | None:
    """Said classes by true ones on the test split, of the champion and of the dense network.

    Few classes: both networks' matrices. More: the champion's, and a list of its most frequent
    confusions. More than ``LARGEST``: the list alone.

    Returns:
        Nothing of a regression.
    """
    if not answers.labels:
        return None
    title = "Which classes are taken for which"
    place = words.champion(evaluation)
    heads = _heads(evaluation, answers)
    count = len(answers.labels)
    if count <= SIDE_BY_SIDE:
        shown = sorted({0, place})
        figure, (row,) = canvas(title, 4.1, columns=len(shown))
        _matrices(row, answers, shown)
        for axes, one in zip(row, shown, strict=True):
            axes.set_title(heads[one])
    elif count <= LARGEST:
        figure, upper, lower = stacked(title, 6.2, 2.5)
        _matrices([upper], answers, [place])
        upper.set_title(heads[place])
        _pairs(lower, answers, place)
    else:
        figure, ((axes,),) = canvas(title, 3.4)
        _pairs(axes, answers, place)
    return Sketch("confusion", title, _told(words.plain(evaluation, place), answers, place), figure)


def most_confused(answers: Answers, place: int) -> list[tuple[int, int, int]]:
    """True class, said class and how often, of the most frequent confusions of one network."""
    wrong = answers.said[place] != answers.truths
    pairs = np.stack([answers.truths[wrong], answers.said[place][wrong]], axis=1)
    found, times = np.unique(pairs, axis=0, return_counts=True)
    order = np.argsort(-times, kind="stable")[:PAIRS]
    return [(int(found[one, 0]), int(found[one, 1]), int(times[one])) for one in order]


def _heads(evaluation: Evaluation, answers: Answers) -> list[str]:
    """Of each network, how many images it got wrong."""
    wrong = (answers.said != answers.truths).sum(axis=1)
    return [
        f"{name}: {count} of {len(answers.truths)} wrong"
        for name, count in zip(words.networks(evaluation), wrong, strict=True)
    ]


def _told(network: str, answers: Answers, place: int) -> str:
    names = words.classes(answers.labels, 30)
    pairs = most_confused(answers, place)[:3]
    if not pairs:
        return f"{network} gets all {len(answers.truths)} test images right."
    wrong = int((answers.said[place] != answers.truths).sum())
    told = (f"{names[true]} taken for {names[said]} ({times})" for true, said, times in pairs)
    return (
        f"{network} gets {wrong} of {len(answers.truths)} test images wrong; most frequent: "
        f"{', '.join(told)}."
    )


def _matrices(row: Sequence[Axes], answers: Answers, shown: Sequence[int]) -> None:
    """Matrices of some networks with one scale of colours."""
    size = len(answers.labels)
    counts = [
        np.bincount(answers.truths * size + answers.said[one], minlength=size * size)
        for one in shown
    ]
    matrices = [one.reshape(size, size) for one in counts]
    shares = [_error_shares(matrix) for matrix in matrices]
    worst = max(FULL, *(float(np.nan_to_num(share).max()) for share in shares))
    for axes, matrix, share in zip(row, matrices, shares, strict=True):
        axes.imshow(share, cmap=ERRORS, vmin=0, vmax=worst)
        if size <= COUNTED:
            _numbers(axes, matrix, share / worst)
        _ticks(axes, answers.labels)
    row[0].set_ylabel("true class")


def _error_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each true class that was taken for each other; none on the diagonal."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, np.nan)
    return np.asarray(shares)


def _numbers(axes: Axes, matrix: NDArray[np.int64], depth: NDArray[np.float64]) -> None:
    """Counts in the cells: right ones muted, wrong ones as dark or light as their cell asks."""
    size = SMALL if len(matrix) <= SIDE_BY_SIDE else SMALL - 2
    for true, said in np.argwhere(matrix > 0):
        ink = MUTED if true == said else PAPER if depth[true, said] > DARK else INK
        axes.text(said, true, str(matrix[true, said]), color=ink, ha="center", va="center",
                  fontsize=size)  # fmt: skip


def _ticks(axes: Axes, labels: Sequence[str]) -> None:
    names = words.classes(labels, 14)
    places = range(0, len(names), ceil(len(names) / NAMED))
    shown = [names[place] for place in places]
    turned = max(map(len, shown)) > SHORT or len(shown) > SIDE_BY_SIDE
    axes.set_xticks(places, shown, rotation=90 if turned else 0, fontsize=SMALL)
    axes.set_yticks(places, shown, fontsize=SMALL)
    axes.set_xlabel("said")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=FAINT)


def _pairs(axes: Axes, answers: Answers, place: int) -> None:
    """Bars: how often each of the most frequent confusions happened."""
    names, pairs = words.classes(answers.labels, 24), most_confused(answers, place)
    bars = axes.barh(range(len(pairs)), [times for *_, times in pairs], 0.7, color=PALETTE[1])
    axes.bar_label(bars, padding=3, fontsize=SMALL)
    axes.set_yticks(
        range(len(pairs)),
        [f"{names[true]} → {names[said]}" for true, said, _ in pairs],
        fontsize=SMALL,
    )
    axes.set_title("most frequent confusions, true → said" if pairs else "no confusions")
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    axes.margins(x=0.2)
