"""One step of an episode as the critic learns from it, and how it gets its reward."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from secateur.errors import NonFiniteRewardError


class Transitions(NamedTuple):
    """Steps (s, a, r, s', end), the first axis of each array counting them.

    Attributes:
        observations: s, float32, shape (steps, observation_size).
        actions: a, float32, shape (steps, action_size), in units of the environment.
        rewards: r, float32, shape (steps,).
        next_observations: s', as ``observations``.
        terminated: whether the episode ended with the step, bool, shape (steps,).
    """

    observations: NDArray[np.float32]
    actions: NDArray[np.float32]
    rewards: NDArray[np.float32]
    next_observations: NDArray[np.float32]
    terminated: NDArray[np.bool_]


def credit_final_reward(
    observations: NDArray[Any], actions: NDArray[Any], rewards: NDArray[Any], *, terminated: bool
) -> Transitions:
    """Cut an episode into transitions that all carry its final reward.

    The accuracy of a pruned network is known only when its last layer is pruned, and every
    layer has its share in it (He et al. 2018, section 3.2).

    Args:
        observations: s_0 ... s_T, shape (T + 1, observation_size).
        actions: shape (T, action_size).
        rewards: of each step, shape (T,); all but the last are ignored.
        terminated: False for an episode cut short, whose last step keeps its Q'.

    Returns:
        T transitions.

    Raises:
        NonFiniteRewardError: the final reward is NaN or infinite.
    """
    final = float(rewards[-1])
    if not np.isfinite(final):
        raise NonFiniteRewardError(f"the final reward of an episode is {final}")
    steps = len(actions)
    return Transitions(
        observations=np.asarray(observations[:-1], dtype=np.float32),
        actions=np.asarray(actions, dtype=np.float32),
        rewards=np.full(steps, final, dtype=np.float32),
        next_observations=np.asarray(observations[1:], dtype=np.float32),
        terminated=np.arange(1, steps + 1) == (steps if terminated else 0),
    )
