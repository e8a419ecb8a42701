"""How trainings of generators went, step by step."""

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
    percents,
    whole,
)
from search.pictures.sketch import Sketch
from secateur.records import GenerativeCurve, JudgedStep, Likeness, RecoveredGenerator

LEAST = 1e-3
"""Distances below are drawn here."""


def losses(curve: GenerativeCurve) -> Sketch | None:
    """Every loss of one training by step, the mean of an interval each.

    Returns:
        Nothing where nothing was reported.
    """
    if not curve.metrics:
        return None
    title = "Losses of the winner"
    figure, ((axes,),) = canvas(title, 3.2)
    steps = [metrics.step for metrics in curve.metrics]
    names = list(curve.metrics[0].losses)
    for place, name in enumerate(names):
        values = [metrics.losses.get(name) for metrics in curve.metrics]
        axes.plot(steps, _gaps(values), color=colour(place), label=name, linewidth=1.4,
                  marker="o", markevery=[-1], markersize=4)  # fmt: skip
    axes.set(xlabel="step of the generator", ylabel="loss")
    whole(axes)
    legend(figure, axes)
    last = ", ".join(f"{name} {value:.3g}" for name, value in curve.metrics[-1].losses.items())
    says = f"Losses of trial {curve.trial} by step; at its end, step {steps[-1]:,}: {last}."
    return Sketch("losses", title, says, figure)


def likeness(curves: Sequence[GenerativeCurve], best: int) -> Sketch | None:
    """Distance and coverage by step of the trials whose curves were kept, the winner in front.

    Args:
        curves: of several trials.
        best: number of the winner.

    Returns:
        Nothing where none was judged on its way.
    """
    judged = [curve for curve in curves if curve.judged]
    if not judged:
        return None
    title = "Distance and coverage by step"
    figure, ((left, right),) = canvas(title, 3.4, columns=2)
    _lines(left, judged, best, lambda one: held(one.distance))
    _lines(right, judged, best, lambda one: 100 * one.coverage)
    distances = [held(step.likeness.distance) for curve in judged for step in curve.judged]
    orders(left, distances)
    percents(right.yaxis)
    left.set_title("Fréchet distance; cross: collapsed")
    right.set_title("coverage")
    for axes in (left, right):
        axes.set_xlabel("step of the generator")
        whole(axes)
    legend(figure, left)
    return Sketch("likeness-by-step", title, _says(judged, best), figure)


def recovery(
    recovered: Sequence[RecoveredGenerator], dense: Likeness, target_names: Sequence[str]
) -> Sketch | None:
    """Validation distance by step of each recovery, and that of the dense generator.

    Args:
        recovered: one a target.
        dense: likeness of what they were cut from.
        target_names: what they are called.

    Returns:
        Nothing where none was judged on its way.
    """
    if not any(one.curve.judged for one in recovered):
        return None
    title = "Recovery after the cut"
    figure, ((axes,),) = canvas(title, 3.2)
    distances = [held(dense.distance)]
    for place, (one, name) in enumerate(zip(recovered, target_names, strict=True)):
        steps = [step.step for step in one.curve.judged]
        reached = [held(step.likeness.distance) for step in one.curve.judged]
        axes.plot(steps, reached, color=colour(place), marker=marker(place), markersize=4,
                  label=name)  # fmt: skip
        distances += reached
    axes.axhline(held(dense.distance), color=GREY, linestyle=(0, (4, 3)), label="dense")
    axes.set(xlabel="step of the generator", ylabel="validation distance")
    orders(axes, distances)
    whole(axes)
    legend(figure, axes)
    ends = ", ".join(
        f"{one.likeness.distance:.3g} for {name}"
        for one, name in zip(recovered, target_names, strict=True)
    )
    says = (
        f"Validation distance by step of the recovery: {ends}; dense {dense.distance:.3g}, dashed."
    )
    return Sketch("recovery", title, says, figure)


def held(distance: float) -> float:
    """A distance as it is drawn, among orders of magnitude: an estimate may lie below 0."""
    return max(LEAST, distance)


def orders(axes: Axes, distances: Sequence[float]) -> None:
    """Heights are distances, by orders of magnitude."""
    logarithmic(axes, "y", distances)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _says(judged: Sequence[GenerativeCurve], best: int) -> str:
    told = f"Fréchet distance and coverage by step of {words.counted(len(judged), 'trial')}"
    winner = next((curve for curve in judged if curve.trial == best), None)
    if winner is None:
        return f"{told}."
    last = winner.judged[-1]
    return (
        f"{told}; the winner, trial {best}, ends at {last.likeness.distance:.3g} and "
        f"{last.likeness.coverage:.1%}."
    )


def _lines(
    axes: Axes,
    curves: Sequence[GenerativeCurve],
    best: int,
    value: Callable[[Likeness], float],
) -> None:
    others = False
    for curve in curves:
        wins = curve.trial == best
        label = f"trial {best}, the winner" if wins else None if others else "other trials"
        others = others or not wins
        style: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "alpha": 0.6}
        if wins:
            style = {"color": colour(0), "linewidth": 2.2, "zorder": 3}
        steps = [one.step for one in curve.judged]
        axes.plot(steps, [value(one.likeness) for one in curve.judged], marker="o",
                  markersize=3.5, label=label, **style)  # fmt: skip
        _cross(axes, [one for one in curve.judged if one.likeness.collapsed], value)


def _cross(axes: Axes, collapsed: Sequence[JudgedStep], value: Callable[[Likeness], float]) -> None:
    axes.plot([one.step for one in collapsed], [value(one.likeness) for one in collapsed],
              marker="x", linestyle="none", color=colour(3), markersize=6)  # fmt: skip


def _gaps(values: Sequence[float | None]) -> list[float]:
    """What an interval did not report is a gap in the line."""
    return [float("nan") if value is None else value for value in values]
