"""One look for all pictures, legible on light and dark pages.

Each picture is a sheet of white paper of its own, so that what lies around it, MLflow's page or
the report's, light or dark, changes nothing. What is written reaches a contrast of 4.5 with the
paper, and so do the colours of data; those stay apart for the colour-blind too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from search.reports.amounts import quantity

PAPER = "#ffffff"
INK = "#1f2933"
MUTED = "#56616d"
FAINT = "#e3e7eb"
PALE = "#cfd6dd"
GREY = "#5c646f"
PALETTE = ("#09582a", "#a86532", "#456fe0", "#aa023c", "#5b3166", GREY)
MARKERS = ("o", "s", "^", "D", "v", "P")
RAMP = LinearSegmentedColormap.from_list("ramp", ["#d9dee3", "#9bbfa9", PALETTE[0]])
"""From little to much."""

WIDTH = 7.2
"""Of every picture, in inches."""

LEFT = 0.017
"""Where titles and notes begin, as a share of the width."""

SMALL = 7.5
"""Points of what is written beside data."""

LOOK: Any = {
    "figure.facecolor": PAPER,
    "figure.titlesize": 11,
    "figure.titleweight": "bold",
    "figure.constrained_layout.w_pad": 0.12,
    "figure.constrained_layout.h_pad": 0.08,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "axes.titlecolor": MUTED,
    "grid.color": FAINT,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    # Names of classes and layers are shown as they are, dollar signs too.
    "text.parse_math": False,
    "font.size": 9,
    "legend.frameon": False,
    "legend.borderaxespad": 0.9,
    "legend.borderpad": 0,
    "savefig.dpi": 160,
}


def canvas(
    title: str, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, NDArray[Any]]:
    """A figure with its title, and its axes as an array (rows, columns).

    Args:
        title: a few words.
        height: in inches.
        rows: of axes.
        columns: of axes.
        options: of ``Figure.subplots``.
    """
    figure = _sheet(title, height)
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def stacked(title: str, *heights: float) -> tuple[Any, ...]:
    """A figure with its title, and axes one below another that are not aligned.

    Args:
        title: a few words.
        heights: of the axes with what is written around them, in inches.
    """
    figure = _sheet(title, sum(heights) + 0.4)
    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    return figure, *(part.subplots() for part in parts)


def _sheet(title: str, height: float) -> Figure:
    figure = Figure((WIDTH, height), layout="constrained")
    figure.suptitle(title, x=LEFT, ha="left")
    return figure


def colour(place: int) -> str:
    """The colour of the ``place``-th family or target."""
    return PALETTE[place % (len(PALETTE) - 1)]


def marker(place: int) -> str:
    """The marker of the ``place``-th family or target, so that colour is not all there is."""
    return MARKERS[place % len(MARKERS)]


def legend(figure: Figure, axes: Axes) -> None:
    """Below the axes, where it hides no data, in as many rows as it takes."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=min(len(labels), 6))


def note(figure: Figure, text: str) -> None:
    """What helps to read the picture, on its lower edge."""
    figure.supxlabel(text, x=LEFT, ha="left", fontsize=SMALL, color=MUTED)


def percents(axis: Axis) -> None:
    """Values are percentages, marked as in the report."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))


def whole(axes: Axes) -> None:
    """Values along x are whole numbers: trials, epochs, episodes."""
    low, high = axes.get_xlim()
    if high - low < 1:
        axes.set_xlim(low - 1, high + 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def logarithmic(axes: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """Values along x or y, all above 0, are orders of magnitude: marked 1, 2 and 5, or 1 alone."""
    low, high = min(values), max(values)
    axes.set(**{f"{which}scale": "log"})
    if high < 3 * low:
        # Between two marks there would be none.
        axes.set(**{f"{which}lim": (low / 1.7, high * 1.7)})
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    axis.set_major_locator(LogLocator(subs=(1.0,) if high > 2000 * low else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: quantity(value)))
    axis.set_minor_locator(NullLocator())


def fence(values: Sequence[float]) -> float:
    """The least value that is no failure: Tukey's lower fence, or the least of all.

    Failures, a diverged training say, would press everything else into one line.
    """
    lower, upper = np.quantile(values, [0.25, 0.75])
    return max(min(values), float(lower - 1.5 * (upper - lower)))


def tell_below(
    axes: Axes, low: float, values: Sequence[float], told: Callable[[float], str] = "{:.1f}%".format
) -> None:
    """Say below them how many ``values`` lie below ``low``, as ``told``, and were drawn there."""
    below = sum(value < low for value in values)
    if below:
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom - 0.06 * (top - bottom), top)
        axes.text(0.995, 0.02, f"{below} below {told(low)}, drawn there", fontsize=SMALL,
                  color=MUTED, transform=axes.transAxes, ha="right")  # fmt: skip


def label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write beside the right edge, at its height, what each line is.

    Args:
        axes: whose limits along y stay as they are.
        ends: height, text and colour of each.
    """
    low, high = axes.get_ylim()
    ordered = sorted(ends)
    places = apart([(height - low) / (high - low) for height, *_ in ordered])
    for place, (_, text, ink) in zip(places, ordered, strict=True):
        axes.annotate(text, (1, place), (6, 0), xycoords="axes fraction", va="center",
                      textcoords="offset points", fontsize=SMALL, color=ink)  # fmt: skip


def apart(places: Sequence[float], least: float = 0.08) -> list[float]:
    """Rising shares of a height, moved until ``least`` lies between any two, up to the top."""
    moved = list(places)
    for index in range(1, len(moved)):
        moved[index] = max(moved[index], moved[index - 1] + least)
    ceiling = 1.0
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - least
    return moved
