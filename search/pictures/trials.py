"""What a search tried, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from search.pictures import words
from search.pictures.look import (
    INK,
    MUTED,
    SMALL,
    canvas,
    colour,
    fence,
    legend,
    logarithmic,
    marker,
    percents,
    tell_below,
    whole,
)
from search.pictures.sketch import Sketch
from search.reports.amounts import quantity
from secateur.records import SearchResult, TrialRecord

MANY = 300
"""Trials from which on dots are small and pale."""


def trials(searched: SearchResult, score: str) -> Sketch:
    """Score of every trial in the order of the search, and the best so far."""
    title = "What the search tried"
    figure, ((axes,),) = canvas(title, 3.4)
    reached = scores(searched.trials)
    least = fence(reached)
    for place, family in enumerate(families(searched)):
        for status, filled in (("finished", "full"), ("stopped", "none")):
            chosen = [
                trial
                for trial in searched.trials
                if (trial.architecture.name, trial.status) == (family, status)
            ]
            numbers = [trial.number for trial in chosen]
            label = family if status == "finished" else None
            _dots(axes, numbers, _held(chosen, least), place, len(searched.trials), label, filled)
    _best_so_far(axes, searched, least)
    tell_below(axes, least, reached)
    axes.set(xlabel="trial", ylabel=f"validation {score}")
    axes.set_title("filled: ran to its end; hollow: stopped early; line: best so far")
    whole(axes)
    percents(axes.yaxis)
    legend(figure, axes)
    best = searched.best
    says = (
        f"Validation {score} of {words.counted(len(searched.trials), 'trial')} in order, "
        f"{searched.count('stopped')} of them stopped early and {searched.count('failed')} failed; "
        f"the winner, trial {best.number}, reaches {best.accuracy or 0.0:.2%}."
    )
    return Sketch("search", title, says, figure)


def costs(searched: SearchResult, score: str) -> Sketch | None:
    """Score of every finished trial against its FLOPs, with the front and the winner.

    Returns:
        Nothing where the front is empty: none as accurate as asked for, or an older record.
    """
    if not searched.front:
        return None
    title = "What the finished trials cost and reach"
    figure, ((axes,),) = canvas(title, 3.4)
    finished = [trial for trial in searched.trials if trial.status == "finished"]
    reached = scores(finished)
    least = fence(reached)
    for place, family in enumerate(families(searched)):
        chosen = [trial for trial in finished if trial.architecture.name == family]
        if chosen:
            _dots(axes, _flops(chosen), _held(chosen, least), place, len(finished), family)
    ahead = [searched.trials[number] for number in searched.front]
    axes.plot(_flops(ahead), _held(ahead, least), color=INK, linewidth=1,
              drawstyle="steps-post", label="front", zorder=1)  # fmt: skip
    axes.plot(_flops([searched.best]), _held([searched.best], least), "o", color=INK,
              markersize=11, fillstyle="none", label="winner", linestyle="none")  # fmt: skip
    tell_below(axes, least, reached)
    axes.set(xlabel="FLOPs for one image", ylabel=f"validation {score}")
    logarithmic(axes, "x", _flops(finished))
    percents(axes.yaxis)
    legend(figure, axes)
    best = searched.best
    says = (
        f"Validation {score} of {words.counted(len(finished), 'trial')} run to the end, against "
        f"FLOPs; {len(ahead)} not beaten in both; the winner takes "
        f"{quantity(best.flops or 0)} FLOPs for {best.accuracy or 0.0:.2%}."
    )
    return Sketch("search-costs", title, says, figure)


def families(searched: SearchResult) -> list[str]:
    """The families that were tried, in the order of their colours."""
    return sorted({trial.architecture.name for trial in searched.trials})


def scores(trials: Sequence[TrialRecord]) -> list[float]:
    """In %, of the trials that reached one."""
    return [100 * trial.accuracy for trial in trials if trial.accuracy is not None]


def _dots(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    place: int,
    count: int,
    label: str | None,
    filled: str = "full",
) -> None:
    """The trials of the ``place``-th family out of ``count`` trials of all families."""
    size, alpha = (5.5, 0.9) if count < MANY else (3.0, 0.45)
    axes.plot(x, y, marker(place), color=colour(place), markersize=size, alpha=alpha,
              fillstyle=filled, label=label, clip_on=False)  # fmt: skip


def _best_so_far(axes: Axes, searched: SearchResult, least: float) -> None:
    finished = [trial for trial in searched.trials if trial.status == "finished"]
    numbers = [trial.number for trial in finished]
    best = np.maximum.accumulate(_held(finished, least))
    axes.plot([*numbers, len(searched.trials) - 1], [*best, best[-1]], color=INK, linewidth=1,
              drawstyle="steps-post", zorder=1)  # fmt: skip
    axes.annotate(f"{max(scores(finished)):.2f}%", (len(searched.trials) - 1, best[-1]), (6, 0),
                  textcoords="offset points", va="center", fontsize=SMALL, color=MUTED)  # fmt: skip


def _held(trials: Sequence[TrialRecord], least: float) -> list[float]:
    """Scores in %, those below ``least`` at it."""
    return [max(least, 100 * (trial.accuracy or 0.0)) for trial in trials]


def _flops(trials: Sequence[TrialRecord]) -> list[float]:
    return [trial.flops or 1 for trial in trials]
