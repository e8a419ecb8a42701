"""Pictures of policies: channels by layer, and cuts by method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from search.pictures.look import LOOK, PALETTE

CUTS = {"flops_cut": "FLOPs", "parameters_cut": "parameters"}


def draw(policies: Mapping[str, dict[str, Any]], folder: Path, name: str) -> list[Path]:
    """Write both pictures.

    Args:
        policies: results of the search, by the title of their protocol; at least one.
        folder: for the pictures.
        name: of the problem, in the names of the files.
    """
    files = []
    for kind, picture in (("channels", channels), ("cuts", cuts)):
        with mpl.rc_context(LOOK):
            files.append(folder / f"{kind}-{name}.png")
            picture(policies).savefig(files[-1])
    return files


def channels(policies: Mapping[str, dict[str, Any]]) -> Figure:
    """Channels that each policy keeps in each group, over those of the dense network."""
    first = next(iter(policies.values()))
    places = np.arange(len(first["groups"]))
    figure = Figure((max(6.0, 0.32 * len(places)), 3.6), layout="constrained")
    axes = figure.subplots()
    axes.bar(places, first["dense_widths"], color="0.88", label="Dense")
    for number, (title, one) in enumerate(policies.items()):
        axes.step(places, one["widths"], where="mid", color=PALETTE[number], label=title)
    axes.set_xticks(places, first["groups"], rotation=90, fontsize=6)
    axes.set(ylabel="channels kept")
    figure.legend(loc="outside lower center", ncols=len(policies) + 1)
    return figure


def cuts(policies: Mapping[str, dict[str, Any]]) -> Figure:
    """Shares of FLOPs and parameters that each policy cuts."""
    figure = Figure((6.0, 1.2 + 0.5 * len(policies)), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / len(CUTS)
    for place, (key, label) in enumerate(CUTS.items()):
        rows = np.arange(len(policies)) + (place - (len(CUTS) - 1) / 2) * height
        shares = [100 * one[key] for one in policies.values()]
        axes.barh(rows, shares, 0.92 * height, color=PALETTE[place], label=label)
    axes.set_yticks(np.arange(len(policies)), list(policies))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set(xlabel="% cut", xlim=(0, 100))
    figure.legend(loc="outside lower center", ncols=len(CUTS))
    return figure
