"""Pruning as a Gymnasium environment: one step a group, the reward at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from agents.actions import Actions, RatioActions
from agents.embedding import Embedding, LayerEmbedding
from agents.problem import PruningProblem

Observation = NDArray[np.float32]
Evaluate = Callable[[tuple[int, ...]], float]


class PruningEnv(gymnasium.Env[Observation, NDArray[np.float32]]):
    """An episode prunes a network group by group.

    The action, in [0, 1], says how hard to cut the group; what is applied is bounded so
    that the FLOPs target stays reachable (Algorithm 1).  Rewards are 0 but for
    the last, which is the evaluation of the whole policy.  The info of the last step holds
    ``widths`` and ``flops``.

    Args:
        problem: what is to be pruned, and how far.
        evaluate: reward of a complete policy, given its widths.
        actions: how actions are read, as published unless given: the share of the group's
            channels to cut.
        embedding: what is observed; the eleven published features unless given.
    """

    def __init__(
        self,
        problem: PruningProblem,
        evaluate: Evaluate,
        actions: Actions | None = None,
        embedding: Embedding | None = None,
    ) -> None:
        self._problem, self._evaluate = problem, evaluate
        self._actions = actions or RatioActions(problem)
        self._embedding = embedding or LayerEmbedding(problem)
        self.observation_space = Box(0.0, 1.0, (self._embedding.size,), np.float32)
        self.action_space = Box(0.0, 1.0, (1,), np.float32)
        self._widths: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin with the dense network."""
        super().reset(seed=seed, options=options)
        self._widths = []
        return self._embedding.observe(self._widths), {}

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Decide on the next group."""
        problem = self._problem
        assert len(self._widths) < len(problem.groups), "step() after the episode's end"
        decided = np.array([self._widths], dtype=np.int64).reshape(1, -1)
        (width,) = self._actions.widths(decided, np.ravel(action)[:1].astype(np.float64))
        self._widths.append(int(width))
        observation = self._embedding.observe(self._widths)
        if len(self._widths) < len(problem.groups):
            return observation, 0.0, False, False, {}
        widths = tuple(self._widths)
        info = {"widths": widths, "flops": int(problem.cost.flops(widths))}
        return observation, self._evaluate(widths), True, False, info
