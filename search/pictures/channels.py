"""What is left of each group of layers."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from os.path import commonpath
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from search.pictures import words
from search.pictures.look import INK, PALE, SMALL, canvas, colour, note
from search.pictures.sketch import Sketch
from search.reports.figures import target_name
from secateur.records import PruningResult

NAMED = 40
"""Groups up to which each is named; of more, every second, third, ..."""

COUNTED = 16
"""Groups up to which the share that is kept is written above the bars."""


def channels(pruned: Sequence[PruningResult]) -> Sketch:
    """Channels kept by group before those of the dense network, a panel a target."""
    title = "Channels kept by group"
    count = len(pruned)
    figure, grid = canvas(title, 1.6 + 1.15 * count, count, 1, sharex=True, sharey=True)
    for place, (axes, result) in enumerate(zip(grid[:, 0], pruned, strict=True)):
        _kept(axes, result, colour(place))
    _name(grid[-1, 0], pruned[0].groups)
    figure.supylabel("channels", fontsize=9)
    counted = "; above the bars: the share that is kept" * (len(pruned[0].groups) <= COUNTED)
    note(figure, f"grey: what the dense network has{counted}")
    says = (
        "Channels that each group keeps: "
        + ", ".join(
            f"{sum(result.widths)} of {sum(result.dense_widths)} for {target_name(result.target)}"
            for result in pruned
        )
        + "."
    )
    return Sketch("channels", title, says, figure)


def _kept(axes: Axes, result: PruningResult, ink: str) -> None:
    places = np.arange(len(result.widths))
    axes.bar(places, result.dense_widths, 0.8, color=PALE)
    axes.bar(places, result.widths, 0.8, color=ink)
    if len(places) <= COUNTED:
        for place, (kept, dense) in enumerate(zip(result.widths, result.dense_widths, strict=True)):
            axes.annotate(f"{kept / dense:.0%}", (place, dense), (0, 2), ha="center",
                          textcoords="offset points", fontsize=SMALL, color=INK)  # fmt: skip
    axes.set_title(target_name(result.target))
    axes.margins(x=0.01, y=0.15)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)


def _name(axes: Axes, groups: Sequence[str]) -> None:
    places = range(0, len(groups), ceil(len(groups) / NAMED))
    # Modules that all groups lie in tell none from another.
    shared = len(commonpath([group.replace(".", "/") for group in groups]))
    names = [
        words.short(groups[place][shared:].lstrip(".") or groups[place], 24) for place in places
    ]
    turned: Any = (
        {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
        if len(groups) <= COUNTED
        else {"rotation": 90}
    )
    axes.set_xticks(places, names, fontsize=SMALL, **turned)
