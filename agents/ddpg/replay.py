"""Replay memory: the last episodes, every step of each as likely as any other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.ddpg.transitions import Transitions
from secateur.errors import SpecError


class EpisodeReplay:
    """Ring of whole episodes in preallocated arrays of shape (capacity, horizon, ...).

    A ring of whole episodes never holds the tail of one without its head, so that the first
    layer of a network is replayed as often as the last.

    Args:
        capacity: episodes kept, >= 1; the oldest makes room for the newest.

    Raises:
        SpecError: the capacity is below 1.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise SpecError("replay_episodes", capacity, "an integer >= 1")
        self._lengths: NDArray[np.int64] = np.zeros(capacity, dtype=np.int64)
        self._columns: Transitions | None = None
        self._added = 0

    def __len__(self) -> int:
        """Transitions held."""
        return int(self._lengths.sum())

    @property
    def episodes(self) -> int:
        """Episodes held, at most the capacity."""
        return min(self._added, len(self._lengths))

    def add(self, episode: Transitions) -> None:
        """Store an episode of one or more steps in place of the oldest."""
        steps = len(episode.rewards)
        assert steps > 0, "an episode has at least one step"
        slot = self._added % len(self._lengths)
        for column, values in zip(self._columns_for(episode), episode, strict=True):
            column[slot, :steps] = values
        self._lengths[slot] = steps
        self._added += 1

    def sample(self, size: int, rng: np.random.Generator) -> Transitions:
        """Draw transitions evenly over all that are held, with replacement.

        Args:
            size: number of transitions, >= 1.
            rng: source of the draws.

        Returns:
            ``size`` transitions, copied.
        """
        assert self._columns is not None, "nothing to sample before the first episode"
        ends = np.cumsum(self._lengths)
        drawn = rng.integers(ends[-1], size=size)
        slots = np.searchsorted(ends, drawn, side="right")
        steps = drawn - (ends - self._lengths)[slots]
        return Transitions._make(column[slots, steps] for column in self._columns)

    def get_state(self) -> dict[str, Any]:
        """Everything held, as plain numpy arrays and integers."""
        columns = None if self._columns is None else self._columns._asdict()
        held = self.episodes
        return {
            "added": self._added,
            "lengths": self._lengths[:held].copy(),
            "columns": columns and {name: array[:held].copy() for name, array in columns.items()},
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned.

        Raises:
            SpecError: the state holds a ring of another capacity than this one.
        """
        held, capacity = len(state["lengths"]), len(self._lengths)
        if held != min(state["added"], capacity):
            raise SpecError("replay_episodes", capacity, f"the checkpoint's capacity, {held}")
        self._lengths[:] = 0
        self._lengths[:held] = state["lengths"]
        self._added = state["added"]
        self._columns = None
        if state["columns"] is not None:
            stored = Transitions(**state["columns"])
            self._columns = _empty(stored, capacity, stored.rewards.shape[1])
            for column, values in zip(self._columns, stored, strict=True):
                column[:held] = values

    def _columns_for(self, episode: Transitions) -> Transitions:
        """The arrays, made or widened so that the episode fits."""
        horizon = 0 if self._columns is None else self._columns.rewards.shape[1]
        if len(episode.rewards) > horizon:
            flat = Transitions._make(values[np.newaxis] for values in episode)
            wider = _empty(flat, len(self._lengths), len(episode.rewards))
            if self._columns is not None:
                for column, values in zip(wider, self._columns, strict=True):
                    column[:, :horizon] = values
            self._columns = wider
        assert self._columns is not None
        return self._columns


def _empty(like: Transitions, capacity: int, horizon: int) -> Transitions:
    """Zeros of shape (capacity, horizon, ...) for columns of shape (episodes, steps, ...)."""
    return Transitions._make(
        np.zeros((capacity, horizon, *values.shape[2:]), values.dtype) for values in like
    )
