"""Bars of what each agent's winners cut, for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from search.pictures.look import LOOK, PALETTE

BARS = {"flops_cut": "FLOPs", "parameters_cut": "parameters"}


def draw(runs: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """One picture a network, one panel a target, one pair of bars an agent.

    Args:
        runs: of ``benchmarks.search_quality``.
        folder: for the pictures.
    """
    files = []
    for network in sorted({run["network"] for run in runs}):
        with mpl.rc_context(LOOK):
            figure = bars([run for run in runs if run["network"] == network])
            files.append(folder / f"cut-by-agent-{network}.png")
            figure.savefig(files[-1])
    return files


def bars(runs: Sequence[dict[str, Any]]) -> Figure:
    """Mean shares of FLOPs and parameters cut, by agent."""
    targets = sorted({run["target"] for run in runs})
    agents = sorted({run["agent"] for run in runs})
    figure = Figure((9, 1.2 + 0.24 * len(agents)), layout="constrained")
    panels = figure.subplots(1, len(targets), sharey=True, squeeze=False)[0]
    for axes, target in zip(panels, targets, strict=True):
        _panel(axes, agents, [run for run in runs if run["target"] == target])
        axes.set(title=f"FLOPs -{target:.0%}", xlabel="% cut", xlim=(0, 100))
    panels[0].invert_yaxis()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _panel(axes: Axes, agents: Sequence[str], runs: Sequence[dict[str, Any]]) -> None:
    height = 0.8 / len(BARS)
    for place, (key, label) in enumerate(BARS.items()):
        shares = [
            100 * mean([run[key] for run in runs if run["agent"] == agent] or [0.0])
            for agent in agents
        ]
        rows = np.arange(len(agents)) + (place - 0.5) * height
        axes.barh(rows, shares, height * 0.92, color=PALETTE[place], label=label)
    axes.set_yticks(np.arange(len(agents)), agents)
    axes.grid(visible=False, axis="y")
