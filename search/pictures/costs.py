"""What the dense network and the compressed ones cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from search.pictures.look import PALETTE, legend
from secateur.records import Evaluation


def dense_against_compressed(evaluation: Evaluation) -> Figure:
    """Bars: what is left of each cost, and the accuracy of each network."""
    figure = Figure((8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 1.3))
    costs = {"FLOPs": "flops", "parameters": "parameters", "size": "size_bytes",
             "latency": "latency_ms"}  # fmt: skip
    dense = evaluation.dense
    models = (dense, *evaluation.compressed)
    names = ["dense", *(f"FLOPs -{model.target:.0%}" for model in evaluation.compressed)]
    height = 0.8 / len(models)
    for place, (name, model) in enumerate(zip(names, models, strict=True)):
        shares = [
            100 * getattr(model.figures, field) / getattr(dense.figures, field)
            for field in costs.values()
        ]
        rows = np.arange(len(costs)) + place * height
        bars = left.barh(rows, shares, height * 0.92, color=PALETTE[place - 1], label=name)
        left.bar_label(bars, fmt="%.0f", padding=2, fontsize=7)
    left.set_yticks(np.arange(len(costs)) + 0.4 - height / 2, list(costs))
    left.invert_yaxis()
    left.set(xlabel="% of the dense network", title="What it costs")
    left.grid(visible=False, axis="y")
    legend(figure, left)
    _accuracies(right, names, [100 * model.figures.accuracy for model in models])
    return figure


def _accuracies(axes: Axes, names: Sequence[str], values: Sequence[float]) -> None:
    places = np.arange(len(names))
    colours = [PALETTE[place - 1] for place in places]
    bars = axes.bar(places, values, 0.7, color=colours)
    axes.bar_label(bars, fmt="%.1f", fontsize=8)
    axes.set_xticks([])
    # Differences of a point or two would vanish on an axis from 0.
    axes.set_ylim(max(0.0, min(values) - 5), 100.5)
    axes.set(ylabel="%", title="Test accuracy")
    axes.grid(visible=False, axis="x")
