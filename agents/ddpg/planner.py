"""Whole episodes of actions, chosen before they are played.

Where an environment's transitions are known and only its reward is dear, an agent can look
at many episodes and play the most promising one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Script: TypeAlias = NDArray[np.float32]
"""Actions of one episode in units of the environment, shape (steps, action_size)."""


@dataclass(frozen=True)
class Outlook:
    """What a planner may look at.

    Attributes:
        episodes: how many were done before the round.
        sigma: width of the exploration noise, ``UNIFORM_SIGMA`` in the warm-up.
        policy: greedy actions (batch, action_size) for observations (batch, size).
        rng: the only source of randomness.
    """

    episodes: int
    sigma: float
    policy: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    rng: np.random.Generator


class Planner(Protocol):
    """Plans rounds of episodes, and learns from what came of them."""

    def plan(self, outlook: Outlook, count: int) -> list[Script]:
        """Scripts of the next episodes; those beyond the list's end are played freely."""

    def record(self, actions: Script, reward: float, info: dict[str, Any]) -> None:
        """Learn of an episode that was played: its actions, final reward and last info."""

    def get_state(self) -> dict[str, Any]:
        """Everything that planning depends on, of plain types and arrays."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned."""


class FreePlay:
    """Plans nothing: the noisy actor decides step by step, as published."""

    def plan(self, outlook: Outlook, count: int) -> list[Script]:
        """No script."""
        return []

    def record(self, actions: Script, reward: float, info: dict[str, Any]) -> None:
        """Nothing to learn."""

    def get_state(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Nothing."""
