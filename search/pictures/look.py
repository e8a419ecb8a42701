"""One look for all pictures, legible on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1f2933"
PALETTE = ("#2f6f4f", "#d98e2b", "#4a6fa5", "#b5485d", "#7a6a9c", "#8a8f98")
LOOK: Any = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "grid.color": "#e3e7eb",
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "font.size": 9,
    "legend.frameon": False,
    "savefig.dpi": 130,
}


def legend(figure: Figure, axes: Axes) -> None:
    """Below the axes, where it hides no data."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def fence(values: Sequence[float]) -> float:
    """The least value that is no failure: Tukey's lower fence, or the least of all.

    Failures, a diverged training say, would press everything else into one line.
    """
    lower, upper = np.quantile(values, [0.25, 0.75])
    return max(min(values), float(lower - 1.5 * (upper - lower)))


def tell_below(axes: Axes, low: float, values: Sequence[float]) -> None:
    """Say how many ``values`` lie below ``low`` and were drawn there."""
    below = sum(value < low for value in values)
    if below:
        axes.text(0.995, 0.02, f"{below} below {low:.1f} %, at the edge", fontsize=7,
                  transform=axes.transAxes, ha="right")  # fmt: skip
