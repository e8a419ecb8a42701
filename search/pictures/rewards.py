"""What the agents earned, episode by episode."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from search.pictures import words
from search.pictures.earned import Earned
from search.pictures.look import (
    FAINT,
    MUTED,
    SMALL,
    canvas,
    colour,
    fence,
    label_ends,
    marker,
    tell_below,
    whole,
)
from search.pictures.sketch import Sketch
from search.reports.figures import target_name
from secateur.compression.limits import rest
from secateur.records import Episode, PruningResult

UNIFORM = 10.0
"""Noise from here on, as a share of the range of actions, means that these are drawn uniformly."""


def rewards(pruned: Sequence[PruningResult], earned: Earned) -> Sketch:
    """Reward by episode and the best so far, a colour a target, above the agents' noise."""
    title = "What the agents earned"
    noisy = any(episode.noise for result in pruned for episode in result.episodes)
    figure, ((axes,), *below) = (
        canvas(title, 4.0, rows=2, height_ratios=(3, 1), sharex=True)
        if noisy
        else canvas(title, 3.4)
    )
    everything = earned.shown(one.reward for result in pruned for one in result.episodes)
    least = fence(everything)
    for place, result in enumerate(pruned):
        _episodes(axes, place, result, earned, least)
    tell_below(axes, least, everything, earned.told)
    reached = _reached(pruned, earned)
    ends = [(best, f"{target}: {earned.told(best)}") for target, best, _ in reached]
    label_ends(axes, [(*end, colour(place)) for place, end in enumerate(ends)])
    axes.set_ylabel(f"{earned.name}\nbefore fine-tuning")
    axes.set_title("dots: an episode each; line: best so far with the FLOPs of the target")
    earned.mark(axes.yaxis)
    bottom = axes
    for (lower,) in below:
        _noise(lower, pruned)
        bottom = lower
    bottom.set_xlabel("episode")
    whole(bottom)
    told = ", ".join(
        f"{earned.told(best)} for {target} after {words.counted(episodes, 'episode')}"
        for target, best, episodes in reached
    )
    noise = " and the noise of the agent" if noisy else ""
    says = f"Reward of each episode before fine-tuning, the best so far{noise}: {told}."
    return Sketch("rewards", title, says, figure)


def _episodes(axes: Axes, place: int, result: PruningResult, earned: Earned, least: float) -> None:
    """Episodes of one target; several agents that played for it have a line each."""
    for seed, episodes in _by_seed(result).items():
        numbers = [episode.number for episode in episodes]
        dots = earned.shown(episode.reward for episode in episodes)
        chosen = seed == result.seed
        axes.plot(numbers, np.maximum(dots, least), marker(place), color=colour(place),
                  alpha=0.4, markersize=3.5, markeredgewidth=0)  # fmt: skip
        best = np.maximum(earned.shown(best_so_far(result, episodes)), least)
        axes.plot(numbers, best, color=colour(place), linewidth=1.8 if chosen else 0.7,
                  drawstyle="steps-post", marker=marker(place), markevery=[-1],
                  markersize=5)  # fmt: skip


def _reached(pruned: Sequence[PruningResult], earned: Earned) -> list[tuple[str, float, int]]:
    """Of each target: its name, the chosen agent's best reward, all agents' episodes."""
    return [
        (
            target_name(result.target),
            earned.shown(best_so_far(result, _by_seed(result)[result.seed]))[-1],
            len(result.episodes),
        )
        for result in pruned
    ]


def _noise(axes: Axes, pruned: Sequence[PruningResult]) -> None:
    """Width of the noise by episode of the agent that played longest; all follow one schedule."""
    agents = [episodes for result in pruned for episodes in _by_seed(result).values()]
    episodes = max(agents, key=len)
    numbers = [episode.number for episode in episodes]
    noise = np.asarray([episode.noise for episode in episodes])
    drawn = np.where(noise < UNIFORM, noise, np.nan)
    axes.plot(numbers, drawn, color=MUTED, linewidth=1.4)
    # Every stage on the way to a target begins with a warm-up of its own.
    for first, last in stretches(noise >= UNIFORM):
        left, right = numbers[first] - 0.5, numbers[last] + 0.5
        axes.axvspan(left, right, color=FAINT, linewidth=0)
        axes.text((left + right) / 2, 0.5, "uniform", ha="center", va="center", fontsize=SMALL,
                  color=MUTED, transform=axes.get_xaxis_transform())  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("noise")


def stretches(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each unbroken run of what is marked, in order."""
    turns = np.flatnonzero(np.diff(marked.astype(np.int8), prepend=0, append=0))
    return [(int(first), int(end) - 1) for first, end in turns.reshape(-1, 2)]


def _by_seed(result: PruningResult) -> dict[int, list[Episode]]:
    """The episodes of each agent that played for a target, in order."""
    seeds = sorted({episode.seed for episode in result.episodes})
    return {
        seed: [episode for episode in result.episodes if episode.seed == seed] for seed in seeds
    }


def best_so_far(result: PruningResult, episodes: Sequence[Episode]) -> NDArray[np.float64]:
    """The best reward up to each episode; anew from the first at the target's FLOPs on.

    What earlier stages earned, before they had cut as much, is not to be compared with it.
    """
    earned = np.asarray([episode.reward for episode in episodes])
    left = np.asarray([episode.flops for episode in episodes])
    there = left <= rest(result.dense_flops, result.target)
    first = int(there.argmax()) if there.any() else len(there)
    later = np.where(there, earned, -np.inf)[first:]
    return np.concatenate([np.maximum.accumulate(part) for part in (earned[:first], later)])
