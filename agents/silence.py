"""Who has reported nothing for too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from math import inf
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Silence(Generic[K]):
    """Remembers when it last heard of each of several workers.

    Asking costs the same however many there are.

    Args:
        longest: seconds after which one that was not heard of hangs.
        clock: seconds from any beginning, never falling.
    """

    def __init__(self, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest, self._clock = longest, clock
        self._heard: dict[K, float] = {}  # who was heard of longest ago comes first

    def __len__(self) -> int:
        """How many there are of whom something is expected."""
        return len(self._heard)

    def heard(self, key: K) -> None:
        """It lives, or begins."""
        self.gone(key)
        self._heard[key] = self._clock()

    def gone(self, key: K) -> None:
        """Nothing is expected of it any more."""
        self._heard.pop(key, None)

    def excused(self) -> None:
        """None could be heard of until now: the time of all of them begins anew."""
        self._heard = dict.fromkeys(self._heard, self._clock())

    @property
    def left(self) -> float:
        """Seconds until the next one may hang; inf where nothing is expected of any."""
        first = next(iter(self._heard.values()), inf)
        return max(0.0, first + self._longest - self._clock())

    def broken(self) -> K | None:
        """One that hangs, if any does; nothing is expected of it from then on."""
        if self.left > 0:
            return None
        first = next(iter(self._heard))
        self.gone(first)
        return first
