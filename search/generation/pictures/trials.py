"""What a search for a generator tried, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from search.generation.pictures.curves import held, orders
from search.pictures import words
from search.pictures.look import INK, SMALL, canvas, colour, legend, logarithmic, marker, whole
from search.pictures.sketch import Sketch
from search.reports.amounts import quantity
from search.reports.figures import target_name
from secateur.records import GenerativeEvaluation, GenerativeSearchResult, GenerativeTrial

SHOWN = ("finished", "stopped")
"""How trials end that have something to show."""


def trials(searched: GenerativeSearchResult) -> Sketch | None:
    """Distance of every trial in the order of the search, and the best so far.

    Returns:
        Nothing where no trial was judged.
    """
    judged = _judged(searched)
    if not judged:
        return None
    title = "What the search tried"
    figure, ((axes,),) = canvas(title, 3.4)
    for place, family in enumerate(families(searched)):
        for status in SHOWN:
            chosen = [
                one for one in judged if (one.architecture.name, one.status) == (family, status)
            ]
            _dots(axes, [one.number for one in chosen], chosen, place,
                  family if status == SHOWN[0] else None, hollow=status == SHOWN[1])  # fmt: skip
    _cross(axes, [one for one in judged if _collapsed(one)])
    _best_so_far(axes, searched)
    axes.set(xlabel="trial", ylabel="validation distance")
    axes.set_title("filled: ran to its end; hollow: stopped early; cross: collapsed")
    orders(axes, [distance(one) for one in judged])
    whole(axes)
    legend(figure, axes)
    best = searched.best
    says = (
        f"Validation distance of {words.counted(len(searched.trials), 'trial')} in order, "
        f"{searched.count('stopped')} of them stopped early and {searched.count('failed')} failed, "
        f"{sum(map(_collapsed, judged))} collapsed; the winner, trial {best.number}, reaches "
        f"{searched.likeness.distance:.3g}."
    )
    return Sketch("search", title, says, figure)


def tradeoff(
    searched: GenerativeSearchResult, evaluation: GenerativeEvaluation | None = None
) -> Sketch | None:
    """Validation distance against FLOPs: of every finished trial, and of what was cut.

    Returns:
        Nothing where no trial that finished has both.
    """
    found = [one for one in _judged(searched) if one.status == SHOWN[0] and one.flops]
    if not found:
        return None
    title = "Distance against FLOPs"
    figure, ((axes,),) = canvas(title, 3.6)
    for place, family in enumerate(families(searched)):
        chosen = [one for one in found if one.architecture.name == family]
        if chosen:
            _dots(axes, _flops(chosen), chosen, place, family)
    flops, distances = _flops(found), [distance(one) for one in found]
    best = searched.best
    axes.plot([best.flops or 1], [distance(best)], "o", color=INK, markersize=11,
              fillstyle="none", linestyle="none", label="winner")  # fmt: skip
    if evaluation is not None and evaluation.compressed:
        cuts = _cuts(axes, evaluation)
        flops, distances = [*flops, *(x for x, _ in cuts)], [*distances, *(y for _, y in cuts)]
    axes.set(xlabel="FLOPs for one image", ylabel="validation distance")
    logarithmic(axes, "x", flops)
    orders(axes, distances)
    legend(figure, axes)
    says = (
        f"Validation distance of {words.counted(len(found), 'trial')} run to the end against "
        f"FLOPs; the winner takes {quantity(best.flops or 0)} FLOPs for "
        f"{searched.likeness.distance:.3g}{_told(evaluation)}."
    )
    return Sketch("distance-against-flops", title, says, figure)


def families(searched: GenerativeSearchResult) -> list[str]:
    """The families that were tried, in the order of their colours."""
    return sorted({trial.architecture.name for trial in searched.trials})


def distance(trial: GenerativeTrial) -> float:
    """As it is drawn; of a trial that was judged."""
    assert trial.likeness is not None
    return held(trial.likeness.distance)


def _judged(searched: GenerativeSearchResult) -> list[GenerativeTrial]:
    return [one for one in searched.trials if one.likeness is not None and one.status in SHOWN]


def _collapsed(trial: GenerativeTrial) -> bool:
    return trial.likeness is not None and trial.likeness.collapsed


def _flops(trials: Sequence[GenerativeTrial]) -> list[float]:
    return [trial.flops or 1 for trial in trials]


def _dots(
    axes: Axes,
    x: Sequence[float],
    chosen: Sequence[GenerativeTrial],
    place: int,
    label: str | None,
    *,
    hollow: bool = False,
) -> None:
    axes.plot(x, list(map(distance, chosen)), marker(place), color=colour(place), markersize=5.5,
              alpha=0.9, fillstyle="none" if hollow else "full", label=label,
              clip_on=False)  # fmt: skip


def _cross(axes: Axes, collapsed: Sequence[GenerativeTrial]) -> None:
    axes.plot([one.number for one in collapsed], list(map(distance, collapsed)), "x", color=INK,
              markersize=8, linestyle="none")  # fmt: skip


def _best_so_far(axes: Axes, searched: GenerativeSearchResult) -> None:
    finished = [one for one in _judged(searched) if one.status == SHOWN[0]]
    if not finished:
        return
    best = np.minimum.accumulate(list(map(distance, finished)))
    axes.plot([*(one.number for one in finished), len(searched.trials) - 1], [*best, best[-1]],
              color=INK, linewidth=1, drawstyle="steps-post", zorder=1)  # fmt: skip


def _cuts(axes: Axes, evaluation: GenerativeEvaluation) -> list[tuple[float, float]]:
    """A line from the dense generator through what was cut from it, each by its name."""
    models = sorted((evaluation.dense, *evaluation.compressed), key=lambda one: one.figures.flops)
    places = [(float(one.figures.flops), held(one.validation.distance)) for one in models]
    axes.plot(*zip(*places, strict=True), color=INK, linewidth=0.8, marker="s", markersize=4,
              label="after pruning and recovery", zorder=4)  # fmt: skip
    for model, place in zip(models, places, strict=True):
        mark = " *" if model == evaluation.champion else ""
        axes.annotate(target_name(model.target).removeprefix("FLOPs ") + mark, place, (5, 5),
                      textcoords="offset points", fontsize=SMALL)  # fmt: skip
    return places


def _told(evaluation: GenerativeEvaluation | None) -> str:
    if evaluation is None or evaluation.chosen is None:
        return ""
    champion = evaluation.champion
    return (
        f", the one put forward {quantity(champion.figures.flops)} for "
        f"{champion.validation.distance:.3g}"
    )
