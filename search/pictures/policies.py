"""What the policies that agents tried cost and earned."""

from __future__ import annotations

from collections.abc import Sequence

from search.pictures.earned import Earned
from search.pictures.look import canvas, colour, fence, legend, marker, percents, tell_below
from search.pictures.sketch import Sketch
from search.reports.figures import target_name
from secateur.records import Episode, PruningResult


def policies(pruned: Sequence[PruningResult], earned: Earned) -> Sketch:
    """Reward against FLOPs of every policy that was tried, with each target's front."""
    title = "What a policy costs and earns"
    figure, ((axes,),) = canvas(title, 3.4)
    everything = _earned(earned, [episode for result in pruned for episode in result.episodes])
    ahead = _earned(earned, [episode for result in pruned for episode in result.front])
    least = min([fence(everything), *ahead])
    for place, result in enumerate(pruned):
        ink = colour(place)
        tried = _outcomes(earned, result, result.episodes, least)
        axes.plot(*tried, marker(place), color=ink, alpha=0.3,
                  markersize=3.5, markeredgewidth=0)  # fmt: skip
        axes.plot(*_outcomes(earned, result, result.front, least), color=ink, marker=marker(place),
                  markersize=4.5, drawstyle="steps-post",
                  label=target_name(result.target))  # fmt: skip
        axes.axvline(100 * (1 - result.target), color=ink, linewidth=0.8, linestyle=(0, (4, 3)))
    tell_below(axes, least, everything, earned.told)
    axes.set(
        xlabel="FLOPs left, share of the dense network's",
        ylabel=f"{earned.name} before fine-tuning",
    )
    axes.set_title("line: policies that no other beats in both; dashed: what the target leaves")
    percents(axes.xaxis)
    earned.mark(axes.yaxis)
    legend(figure, axes)
    says = (
        "Reward of every policy that was tried against the FLOPs that it leaves: "
        + ", ".join(
            f"for {target_name(result.target)} {len(result.front)} of {len(result.episodes)}"
            for result in pruned
        )
        + " are not beaten in both."
    )
    return Sketch("front", title, says, figure)


def _earned(earned: Earned, episodes: Sequence[Episode]) -> list[float]:
    return earned.shown(episode.reward for episode in episodes)


def _outcomes(
    earned: Earned, result: PruningResult, episodes: Sequence[Episode], least: float
) -> tuple[list[float], list[float]]:
    """FLOPs left, in %, and rewards."""
    flops = [100 * episode.flops / result.dense_flops for episode in episodes]
    return flops, [max(least, reward) for reward in _earned(earned, episodes)]
