"""What the agents tried, what it earned and what was cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from search.pictures.look import PALETTE, legend
from secateur.records import Episode, PruningResult


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
    legend(figure, axes)
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
    legend(figure, axes)
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
    legend(figure, axes)
    axes.grid(visible=False, axis="x")
    return figure
