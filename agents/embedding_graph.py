"""The state of a network's whole dependency graph, updated as its groups are cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.embedding import FEATURES, facts, flops_shares, min_max
from agents.problem import PruningProblem
from secateur.compression.groups import Group, IntArray

NODE_FEATURES = (
    *FEATURES[:8],
    "kept",
    "decided",
    "is_next",
    "flops_removed",
    "flops_remaining",
)


class GraphEmbedding:
    """One node a group, one row of features a node, laid out flat for a gymnasium space.

    The first eight are those of ``LayerEmbedding``.  Then: the share of its channels that
    the group keeps (1 before its decision), whether it is decided, whether it is the one to
    decide on, and the FLOPs removed and remaining, which all nodes share.  ``edges`` says
    which nodes' layers feed each other; a message-passing encoder reads both
    (``agents.ddpg.encoder``).
    """

    def __init__(self, problem: PruningProblem) -> None:
        self._problem = problem
        self._dense = np.array(problem.dense_widths)
        self._fixed = min_max(facts(problem))

    @property
    def size(self) -> int:
        """Groups times features."""
        return len(self._dense) * len(NODE_FEATURES)

    def observe(self, decided: Sequence[int]) -> NDArray[np.float32]:
        """The state before the next decision, shape (size,), in [0, 1].

        Args:
            decided: widths of the groups before it.
        """
        (state,) = self.observe_all(np.array([decided], dtype=np.int64).reshape(1, -1))
        return np.asarray(state)

    def observe_all(self, decided: IntArray) -> NDArray[np.float32]:
        """The states of many episodes at the same step, shape (episodes, size)."""
        episodes, done = decided.shape
        groups = len(self._dense)
        nodes = np.zeros((episodes, groups, len(NODE_FEATURES)))
        nodes[:, :, :8] = self._fixed
        nodes[:, :, 8] = 1.0
        nodes[:, :done, 8] = decided / self._dense[:done]
        nodes[:, :done, 9] = 1.0
        nodes[:, min(done, groups - 1), 10] = 1.0
        removed, remaining = flops_shares(self._problem, decided)
        nodes[:, :, 11], nodes[:, :, 12] = removed[:, None], remaining[:, None]
        state: NDArray[np.float32] = np.clip(nodes, 0, 1).astype(np.float32)
        return state.reshape(episodes, -1)


def edges(groups: Sequence[Group]) -> tuple[tuple[int, int], ...]:
    """Pairs (from, to) of groups: a layer reads the channels of one and makes the other's.

    A layer that does both for one group, as a residual branch does, is no edge.
    """
    readers: dict[str, set[int]] = {}
    makers: dict[str, set[int]] = {}
    for place, group in enumerate(groups):
        for member in group.members:
            sides = readers if member.side == "in" else makers
            sides.setdefault(member.module, set()).add(place)
    pairs = {
        (source, end)
        for module, sources in readers.items()
        for source in sources
        for end in makers.get(module, set())
        if source != end
    }
    return tuple(sorted(pairs))
