"""Pictures of a job, drawn once, with one look, legible on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from secateur.records import Episode, Evaluation, PruningResult, SearchResult

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


def draw(
    searched: SearchResult,
    pruned: Sequence[PruningResult],
    evaluation: Evaluation,
    folder: Path,
) -> list[Path]:
    """Draw every picture of a job into ``folder``.

    Returns:
        The files, in the order in which they are best looked at.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(LOOK):
        pictures = {
            "dense-against-compressed": dense_against_compressed(evaluation),
            "rewards": rewards(pruned),
            "front": front(pruned),
            "channels": channels(pruned),
            "search": trials(searched),
        }
        for name, figure in pictures.items():
            figure.savefig(folder / f"{name}.png")
    return [folder / f"{name}.png" for name in pictures]


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
    _legend(figure, left)
    _accuracies(right, names, [100 * model.figures.accuracy for model in models])
    return figure


def rewards(pruned: Sequence[PruningResult]) -> Figure:
    """Reward by episode and the best so far, one colour a target."""
    figure = Figure((8, 3.3), layout="constrained")
    axes = figure.subplots()
    for place, result in enumerate(pruned):
        earned = np.asarray([100 * episode.reward for episode in result.episodes])
        colour = PALETTE[place % len(PALETTE)]
        axes.plot(earned, ".", color=colour, alpha=0.45, markersize=5)
        axes.plot(
            _best_so_far(result, earned), color=colour, label=f"FLOPs -{result.target:.0%}, best"
        )
    axes.set(
        xlabel="episode", ylabel="accuracy before fine-tuning, %", title="What the agents earned"
    )
    _legend(figure, axes)
    return figure


def _best_so_far(result: PruningResult, earned: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best reward up to each episode; it begins anew with the first at the target's FLOPs.

    What earlier stages earned, before they had cut as much, is not to be compared with it.
    """
    left = np.asarray([episode.flops for episode in result.episodes])
    there = left <= (1 - result.target) * result.dense_flops
    first = int(there.argmax()) if there.any() else len(there)
    later = np.where(there, earned, -np.inf)[first:]
    return np.concatenate([np.maximum.accumulate(part) for part in (earned[:first], later)])


def front(pruned: Sequence[PruningResult]) -> Figure:
    """Accuracy against FLOPs of every policy that was tried, with each target's front."""
    figure = Figure((8, 3.3), layout="constrained")
    axes = figure.subplots()
    for place, result in enumerate(pruned):
        colour = PALETTE[place % len(PALETTE)]
        axes.plot(*_outcomes(result, result.episodes), ".", color=colour, alpha=0.3, markersize=5)
        axes.plot(
            *_outcomes(result, result.front),
            "o-",
            color=colour,
            markersize=4,
            drawstyle="steps-post",
            label=f"FLOPs -{result.target:.0%}, front",
        )
    axes.set(
        xlabel="FLOPs left, % of the dense network",
        ylabel="accuracy before fine-tuning, %",
        title="What a policy costs and earns",
    )
    _legend(figure, axes)
    return figure


def _outcomes(
    result: PruningResult, episodes: Sequence[Episode]
) -> tuple[list[float], list[float]]:
    """FLOPs left and rewards, both in %."""
    flops = [100 * episode.flops / result.dense_flops for episode in episodes]
    return flops, [100 * episode.reward for episode in episodes]


def channels(pruned: Sequence[PruningResult]) -> Figure:
    """Channels kept by group, against the dense network's."""
    figure = Figure((8, 3.2), layout="constrained")
    axes = figure.subplots()
    dense = pruned[0].dense_widths
    places = np.arange(len(dense))
    axes.bar(places, dense, 0.85, color="#e3e7eb", label="dense")
    width = 0.8 / len(pruned)
    for place, result in enumerate(pruned):
        offset = (place + 0.5) * width - 0.4
        axes.bar(
            places + offset,
            result.widths,
            width * 0.92,
            color=PALETTE[place % len(PALETTE)],
            label=f"FLOPs -{result.target:.0%}",
        )
    axes.set_xticks(places, pruned[0].groups, rotation=30, ha="right")
    axes.set(ylabel="channels", title="Channels kept by group")
    _legend(figure, axes)
    axes.grid(visible=False, axis="x")
    return figure


def trials(searched: SearchResult) -> Figure:
    """Accuracy of every trial in the order of the search, one colour a family."""
    figure = Figure((8, 3.3), layout="constrained")
    axes = figure.subplots()
    families = sorted({trial.architecture.name for trial in searched.trials})
    for place, family in enumerate(families):
        for status, marker in (("finished", "o"), ("stopped", "x")):
            chosen = [
                trial
                for trial in searched.trials
                if (trial.architecture.name, trial.status) == (family, status)
            ]
            axes.plot(
                [trial.number for trial in chosen],
                [100 * (trial.accuracy or 0) for trial in chosen],
                marker,
                color=PALETTE[place % len(PALETTE)],
                label=f"{family}, {status}" if chosen else None,
            )
    axes.set(xlabel="trial", ylabel="validation accuracy, %", title="What the search tried")
    _legend(figure, axes)
    return figure


def _legend(figure: Figure, axes: Axes) -> None:
    """Below the axes, where it hides no data."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))


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
