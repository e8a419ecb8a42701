"""Every trial of a search as a line through its dimensions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial

from search.pictures.importance import points
from search.pictures.look import INK, PALETTE, fence
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec

LEAST = 5
PANELS = 4
"""Families that are shown, those with the most trials, of which each has ``LEAST``."""

_PAPER = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
RANKS = LinearSegmentedColormap.from_list("ranks", ["#d9dee3", "#9bbfa9", PALETTE[0]])


@dataclass(frozen=True)
class Scale:
    """One upright axis: where a value lies on it, in [0, 1], and what is written beside it.

    Attributes:
        name: of the dimension.
        low: least value.
        high: greatest value.
        log: whether orders of magnitude are evenly spread.
        choices: where the dimension is a list; values are places in it.
    """

    name: str
    low: float
    high: float
    log: bool = False
    choices: tuple[str, ...] = ()

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
            return [(self.place(choice), choice) for choice in self.choices]
        return [(0.0, f"{self.low:.3g}"), (1.0, f"{self.high:.3g}")]


@dataclass(frozen=True)
class Line:
    """One trial: its values on the axes of its family.

    Attributes:
        family: of the network.
        scales: an axis a dimension that leaves something to choose.
        values: one an axis.
        accuracy: in %.
        finished: whether it ran its full budget.
    """

    family: str
    scales: tuple[Scale, ...]
    values: tuple[Any, ...]
    accuracy: float
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
            accuracy=100 * (trial.accuracy or 0.0),
            finished=trial.status == "finished",
        )


def parallel(spec: JobSpec, searched: SearchResult) -> Figure | None:
    """Parallel coordinates: a panel a family, with its own dimensions and the recipe's.

    The better a trial ranks among all, the darker its line; the best of a family is drawn in
    another colour, trials that were stopped early are dashed.

    Returns:
        Nothing where no family has ``LEAST`` trials and a dimension.
    """
    lines = [Line.of(trial, point) for trial, point in points(spec, searched)]
    panels = _families(lines)
    if not panels:
        return None
    figure = Figure((8, 0.4 + 2.4 * len(panels)), layout="constrained")
    reached = [line.accuracy for line in lines]
    for axes, (name, group) in zip(
        figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels.items(), strict=True
    ):
        _panel(axes, group, reached)
        axes.set_title(f"{name}, {len(group)} trials")
    figure.supxlabel("the darker, the better; orange: best of its family; dashed: stopped early",
                     fontsize=8)  # fmt: skip
    return figure


def _families(lines: Sequence[Line]) -> dict[str, list[Line]]:
    by_family: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_family[line.family].append(line)
    enough = {
        name: group for name, group in by_family.items() if len(group) >= LEAST and group[0].scales
    }
    most = sorted(enough, key=lambda name: -len(enough[name]))[:PANELS]
    return {name: enough[name] for name in sorted(most)}


def _panel(axes: Axes, lines: Sequence[Line], reached: Sequence[float]) -> None:
    low, high = fence(reached), max(reached)
    scales = (*lines[0].scales, Scale("accuracy, %", min(low, high - 0.01), high))
    # The worst first, so that the best lie on top.
    for line in sorted(lines, key=lambda line: line.accuracy):
        heights = [
            scale.place(value)
            for scale, value in zip(scales, (*line.values, line.accuracy), strict=True)
        ]
        rank = sum(other <= line.accuracy for other in reached) / len(reached)
        style = "-" if line.finished else (0, (4, 3))
        axes.plot(heights, color=RANKS(rank), linestyle=style, linewidth=1.2)
    axes.lines[-1].set(color=PALETTE[1], linewidth=2.2)
    for place, scale in enumerate(scales):
        axes.axvline(place, color=INK, linewidth=0.8, zorder=0)
        for height, text in scale.marks():
            axes.annotate(text, (place, height), (3, 0), textcoords="offset points", fontsize=7,
                          va="center", bbox=_PAPER)  # fmt: skip
    names = [scale.name.replace(" ", "\n") for scale in scales]
    axes.set_xticks(range(len(scales)), names, fontsize=8)
    axes.set(yticks=[], ylim=(-0.08, 1.08), xlim=(-0.1, len(scales) - 0.6))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
