"""Every trial of a search as a line through its dimensions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial

from search.pictures import words
from search.pictures.look import INK, PALETTE, PAPER, RAMP, SMALL, canvas, fence, note
from search.pictures.points import Points
from search.pictures.sketch import Sketch
from secateur.records import TrialRecord

LEAST = 5
PANELS = 4
"""Families that are shown, those with the most trials, of which each has ``LEAST``."""

MANY = 100
"""Lines from which on they are thin."""

_PAPER = {"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.8}


@dataclass(frozen=True)
class Scale:
    """One upright axis: where a value lies on it, in [0, 1], and what is written beside it.

    Attributes:
        name: of the dimension.
        low: least value.
        high: greatest value.
        log: whether orders of magnitude are evenly spread.
        choices: where the dimension is a list; values are places in it.
        unit: of numbers.
    """

    name: str
    low: float
    high: float
    log: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""

    @classmethod
    def of(cls, name: str, distribution: BaseDistribution) -> Scale:
        """The axis of a dimension."""
        shown = name.rpartition("/")[2].replace("_", " ")
        if isinstance(distribution, CategoricalDistribution):
            names = tuple(map(str, distribution.choices))
            return cls(shown, 0, len(names) - 1, choices=names)
        assert isinstance(distribution, (FloatDistribution, IntDistribution)), distribution
        return cls(shown, distribution.low, distribution.high, distribution.log)

    def place(self, value: Any) -> float:
        """Where ``value`` lies; what is beyond an end lies on it."""
        number = self.choices.index(str(value)) if self.choices else float(value)
        ends = (number, self.low, self.high)
        number, low, high = map(log, ends) if self.log else ends
        return min(1.0, max(0.0, (number - low) / (high - low)))

    def marks(self) -> list[tuple[float, str]]:
        """What is written beside the axis, and where."""
        if self.choices:
            return [(self.place(choice), words.short(choice, 12)) for choice in self.choices]
        return [(0.0, f"{self.low:.3g}{self.unit}"), (1.0, f"{self.high:.3g}{self.unit}")]


@dataclass(frozen=True)
class Line:
    """One trial: its values on the axes of its family.

    Attributes:
        family: of the network.
        scales: an axis a dimension that leaves something to choose.
        values: one an axis.
        score: in %.
        finished: whether it ran its full budget.
    """

    family: str
    scales: tuple[Scale, ...]
    values: tuple[Any, ...]
    score: float
    finished: bool

    @classmethod
    def of(cls, trial: TrialRecord, point: FrozenTrial) -> Line:
        """The line of a trial."""
        names = [
            name
            for name, distribution in point.distributions.items()
            if name != "network" and not distribution.single()
        ]
        return cls(
            family=trial.architecture.name,
            scales=tuple(Scale.of(name, point.distributions[name]) for name in names),
            values=tuple(point.params[name] for name in names),
            score=100 * (trial.accuracy or 0.0),
            finished=trial.status == "finished",
        )


def parallel(points: Points, score: str) -> Sketch | None:
    """Parallel coordinates: a panel a family, with its own dimensions and the recipe's.

    The better a trial ranks among all, the darker its line; the best of a family is drawn in
    another colour, trials that were stopped early are dashed.

    Returns:
        Nothing where no family has ``LEAST`` trials and a dimension.
    """
    lines = [Line.of(trial, point) for trial, point in points.pairs]
    panels = _families(lines)
    if not panels:
        return None
    title = "Every trial through its dimensions"
    figure, grid = canvas(title, 0.8 + 2.3 * len(panels), len(panels))
    reached = np.sort([line.score for line in lines])
    for axes, (name, group) in zip(grid[:, 0], panels.items(), strict=True):
        _panel(axes, group, reached, score)
        axes.set_title(f"{name}, {len(group)} trials")
    drawn = f"; {points.drawn}, drawn evenly" if points.drawn else ""
    note(figure, "the darker, the better; orange: best of its family; dashed: stopped early"
         f"{drawn}")  # fmt: skip
    says = (
        f"{len(lines)} trials as lines through their dimensions to the validation {score}, "
        f"a panel a family: {', '.join(panels)}."
    )
    return Sketch("search-parallel", title, says, figure)


def _families(lines: Sequence[Line]) -> dict[str, list[Line]]:
    by_family: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_family[line.family].append(line)
    enough = {
        name: group for name, group in by_family.items() if len(group) >= LEAST and group[0].scales
    }
    most = sorted(enough, key=lambda name: -len(enough[name]))[:PANELS]
    return {name: enough[name] for name in sorted(most)}


def _panel(axes: Axes, lines: Sequence[Line], reached: NDArray[np.float64], score: str) -> None:
    low, high = fence(reached.tolist()), float(reached[-1])
    scales = (*lines[0].scales, Scale(score, min(low, high - 0.01), high, unit="%"))
    # The worst first, so that the best lie on top.
    order = sorted(lines, key=lambda line: line.score)
    ranks = np.searchsorted(reached, [line.score for line in order], "right") / len(reached)
    for line, rank in zip(order, ranks, strict=True):
        heights = [
            scale.place(value)
            for scale, value in zip(scales, (*line.values, line.score), strict=True)
        ]
        axes.plot(heights, color=RAMP(rank), linestyle="-" if line.finished else (0, (4, 3)),
                  linewidth=1.2 if len(order) < MANY else 0.7)  # fmt: skip
    axes.lines[-1].set(color=PALETTE[1], linewidth=2.2)
    for place, scale in enumerate(scales):
        axes.axvline(place, color=INK, linewidth=0.8, zorder=0)
        for height, text in scale.marks():
            axes.annotate(text, (place, height), (3, 0), textcoords="offset points",
                          fontsize=SMALL, va="center", bbox=_PAPER)  # fmt: skip
    names = [words.short(scale.name, 24).replace(" ", "\n") for scale in scales]
    axes.set_xticks(range(len(scales)), names, fontsize=SMALL + 0.5)
    axes.set(yticks=[], ylim=(-0.08, 1.08), xlim=(-0.1, len(scales) - 0.5))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
