"""Which outcomes no other outcome beats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secateur.records import Episode


def is_non_dominated(outcomes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the Pareto front of a set of outcomes, all of whose objectives are maximised.

    An outcome is dominated where another is at least as good in every objective and better
    in one; equal outcomes do not dominate each other.

    Args:
        outcomes: shape [n, objectives], without NaN.

    Returns:
        Shape [n]; true where the outcome is on the front.
    """
    ours, theirs = outcomes[:, None], outcomes[None]
    beaten = (theirs >= ours).all(axis=-1) & (theirs > ours).any(axis=-1)
    return np.asarray(~beaten.any(axis=-1))


def front(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    """The episodes that no other beats in both reward and FLOPs, fewest FLOPs first.

    Of several with equal reward and FLOPs the first stands for all.

    Args:
        episodes: at least one.
    """
    first = {(episode.flops, episode.reward): episode for episode in reversed(episodes)}
    outcomes = np.array([(reward, -flops) for flops, reward in first], dtype=np.float64)
    best = is_non_dominated(outcomes)
    kept = (episode for episode, stays in zip(first.values(), best, strict=True) if stays)
    return tuple(sorted(kept, key=lambda episode: episode.flops))
