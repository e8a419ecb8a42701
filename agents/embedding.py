"""The state an agent sees: eleven features of the group it is to decide on.

Source: He et al. 2018 (AMC), section 3.1, with dependency groups in place of layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.problem import PruningProblem

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


class LayerEmbedding:
    """Features of each group, scaled to [0, 1].

    The first eight are fixed by the network and scaled from their least to their greatest
    value over the groups; a feature that all groups share is 0.  FLOPs removed and remaining
    are shares of the dense network's; the previous action is the ratio that was applied.
    """

    def __init__(self, problem: PruningProblem) -> None:
        self._problem = problem
        self._dense = problem.dense_widths
        facts = [
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
        self._fixed = min_max(np.asarray(facts, dtype=np.float64))

    def observe(self, decided: Sequence[int]) -> NDArray[np.float32]:
        """The state before the next decision.

        Args:
            decided: widths of the groups before it; when all are decided, the last group
                is shown once more, since an episode's last state has no decision.

        Returns:
            Shape (11,), in [0, 1].
        """
        index = min(len(decided), len(self._dense) - 1)
        removed, remaining = self._flops(decided)
        previous = 1 - decided[-1] / self._dense[len(decided) - 1] if decided else 0.0
        features = np.concatenate([self._fixed[index], (removed, remaining, previous)])
        state: NDArray[np.float32] = np.clip(features, 0, 1).astype(np.float32)
        return state

    def _flops(self, decided: Sequence[int]) -> tuple[float, float]:
        """Shares of FLOPs already cut, and of those in groups still to come."""
        problem = self._problem
        current = (*decided, *self._dense[len(decided) :])
        removed = 1 - float(problem.cost.flops(current)) / problem.dense_flops
        remaining = float(np.sum(problem.cost.group_flops[len(decided) + 1 :]))
        return removed, remaining / problem.dense_flops


def min_max(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale each column to [0, 1]; a constant column becomes 0.

    Args:
        columns: shape (rows, features).
    """
    low, high = columns.min(axis=0), columns.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    scaled: NDArray[np.float64] = (columns - low) / span
    return scaled
