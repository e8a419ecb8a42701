"""The state an agent sees: eleven features of the group it is to decide on.

Source: He et al. 2018 (AMC), section 3.1, with dependency groups in place of layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agents.problem import PruningProblem
from secateur.compression.groups import IntArray

FEATURES = (
    "index",
    "out_channels",
    "in_channels",
    "height",
    "width",
    "stride",
    "kernel",
    "flops",
    "flops_removed",
    "flops_remaining",
    "previous_action",
)


class Embedding(Protocol):
    """What an agent is shown before each decision."""

    @property
    def size(self) -> int:
        """Length of an observation."""

    def observe(self, decided: Sequence[int]) -> NDArray[np.float32]:
        """The state of one episode, shape (size,), in [0, 1]."""

    def observe_all(self, decided: IntArray) -> NDArray[np.float32]:
        """The states of many episodes at the same step, shape (episodes, size)."""


class LayerEmbedding:
    """Features of each group, scaled to [0, 1].

    The first eight are fixed by the network and scaled from their least to their greatest
    value over the groups; a feature that all groups share is 0.  FLOPs removed and remaining
    are shares of the dense network's; the previous action is the ratio that was applied.
    """

    def __init__(self, problem: PruningProblem) -> None:
        self._problem = problem
        self._dense = problem.dense_widths
        self._fixed = min_max(facts(problem))

    size = len(FEATURES)

    def observe(self, decided: Sequence[int]) -> NDArray[np.float32]:
        """The state before the next decision.

        Args:
            decided: widths of the groups before it; when all are decided, the last group
                is shown once more, since an episode's last state has no decision.

        Returns:
            Shape (11,), in [0, 1].
        """
        (state,) = self.observe_all(np.array([decided], dtype=np.int64).reshape(1, -1))
        return np.asarray(state)

    def observe_all(self, decided: IntArray) -> NDArray[np.float32]:
        """The states of many episodes at the same step, shape (episodes, 11).

        Args:
            decided: as ``observe`` takes them, shape (episodes, decided groups).
        """
        episodes, done = decided.shape
        index = min(done, len(self._dense) - 1)
        features = np.empty((episodes, self.size))
        features[:, :-3] = self._fixed[index]
        features[:, -3], features[:, -2] = flops_shares(self._problem, decided)
        features[:, -1] = 1 - decided[:, -1] / self._dense[done - 1] if done else 0.0
        state: NDArray[np.float32] = np.clip(features, 0, 1).astype(np.float32)
        return state


def facts(problem: PruningProblem) -> NDArray[np.float64]:
    """What the network fixes of each group: the first eight features, shape (groups, 8)."""
    rows = [
        (
            index,
            group.out_channels,
            group.in_channels,
            group.output_height,
            group.output_width,
            group.stride,
            group.kernel,
            flops,
        )
        for index, (group, flops) in enumerate(
            zip(problem.groups, problem.cost.group_flops, strict=True)
        )
    ]
    return np.asarray(rows, dtype=np.float64)


def flops_shares(
    problem: PruningProblem, decided: IntArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of the dense FLOPs already cut, and of those in groups still to come.

    Args:
        problem: what is pruned.
        decided: widths of the first groups, shape (episodes, decided groups).

    Returns:
        Two arrays of shape (episodes,), in [0, 1].
    """
    episodes, done = decided.shape
    current = np.tile(np.array(problem.dense_widths), (episodes, 1))
    current[:, :done] = decided
    removed = 1 - problem.cost.flops(current) / problem.dense_flops
    remaining = float(np.sum(problem.cost.group_flops[done + 1 :])) / problem.dense_flops
    return removed, np.full(episodes, remaining)


def min_max(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale each column to [0, 1]; a constant column becomes 0.

    Args:
        columns: shape (rows, features).
    """
    low, high = columns.min(axis=0), columns.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    scaled: NDArray[np.float64] = (columns - low) / span
    return scaled
