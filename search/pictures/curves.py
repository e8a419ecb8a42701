"""How the best trials learned, and where others were stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from search.pictures import words
from search.pictures.look import (
    GREY,
    canvas,
    colour,
    legend,
    logarithmic,
    marker,
    whole,
)
from search.pictures.sketch import Sketch
from search.pictures.trials import families
from secateur.records import SearchResult, TrialCurve

CLOSE = 10.0
"""Percent that the best lacks at most for what all lack to be drawn by orders of magnitude.

Then 90, 95, 99 and 99.5 % lie as far apart as they are hard to reach, and bad beginnings press
nothing into one line.
"""

PERFECT = 1e-3
"""Percent below which nothing is lacking."""


def curves(searched: SearchResult, score: str) -> Sketch | None:
    """Validation score and loss by epoch of the trials whose curves were kept.

    Those that ran to their end in the colour of their family, the winner in front; those that
    were stopped in grey up to a cross.

    Returns:
        Nothing where none was kept, as in an older record.
    """
    ended, stopped = (_with(searched, status) for status in ("finished", "stopped"))
    if not ended:
        return None
    title = "How the best trials learned"
    figure, ((left, right),) = canvas(title, 3.4, columns=2)
    _scores(left, searched, ended, stopped)
    _losses(right, searched, ended, stopped)
    left.set_title(f"validation {score}; bold: the winner")
    right.set_title("validation loss")
    for axes in (left, right):
        axes.set_xlabel("epoch")
        whole(axes)
    legend(figure, left)
    says = (
        f"Validation {score} and loss by epoch: the best {len(ended)} of "
        f"{words.counted(searched.count('finished'), 'trial')} run to the end, and {len(stopped)} "
        f"of {searched.count('stopped')} stopped early."
    )
    return Sketch("learning-curves", title, says, figure)


def _with(searched: SearchResult, status: str) -> list[TrialCurve]:
    """The curves of the trials that ended so."""
    return [curve for curve in searched.curves if searched.trials[curve.trial].status == status]


def _scores(
    axes: Axes, searched: SearchResult, ended: Sequence[TrialCurve], stopped: Sequence[TrialCurve]
) -> None:
    def lacks(curve: TrialCurve) -> list[float]:
        return [100 - 100 * score for score in curve.scores]

    lacking = [lack for curve in (*ended, *stopped) for lack in lacks(curve)]
    if min(lacking) > CLOSE:
        _lines(axes, searched, ended, lacks)
        _crosses(axes, [lacks(curve) for curve in stopped])
    else:
        # What is perfect lies at the edge, below all that is not.
        least = min((lack for lack in lacking if lack > PERFECT), default=1.0) / 1.5
        _lines(axes, searched, ended, lambda curve: [max(least, lack) for lack in lacks(curve)])
        _crosses(axes, [[max(least, lack) for lack in lacks(curve)] for curve in stopped])
        logarithmic(axes, "y", [max(least, lack) for lack in lacking])
    axes.invert_yaxis()
    axes.yaxis.set_major_formatter(FuncFormatter(lambda lack, _: f"{100 - lack:g}%"))


def _losses(
    axes: Axes, searched: SearchResult, ended: Sequence[TrialCurve], stopped: Sequence[TrialCurve]
) -> None:
    _lines(axes, searched, ended, lambda curve: curve.losses)
    _crosses(axes, [curve.losses for curve in stopped])
    losses = [loss for curve in (*ended, *stopped) for loss in curve.losses]
    if min(losses) > 0:
        logarithmic(axes, "y", losses)


def _lines(
    axes: Axes,
    searched: SearchResult,
    ended: Sequence[TrialCurve],
    values: Callable[[TrialCurve], Sequence[float]],
) -> None:
    order, named = families(searched), set[str]()
    for curve in ended:
        family = searched.trials[curve.trial].architecture.name
        wins = curve.trial == searched.best.number
        style = {"linewidth": 2.4, "zorder": 3} if wins else {"linewidth": 0.9, "alpha": 0.65}
        place = order.index(family)
        _line(axes, values(curve), color=colour(place), marker=marker(place),
              label=None if family in named else family, **style)  # fmt: skip
        named.add(family)


def _crosses(axes: Axes, stopped: Sequence[Sequence[float]]) -> None:
    for values in stopped:
        _line(axes, values, color=GREY, linewidth=0.7, alpha=0.6)
        _line(axes, values, color=GREY, marker="x", linestyle="none",
              label="stopped early" if values is stopped[0] else None)  # fmt: skip


def _line(axes: Axes, values: Sequence[float], **style: Any) -> None:
    axes.plot(range(1, 1 + len(values)), values, markevery=[-1], markersize=4, **style)
