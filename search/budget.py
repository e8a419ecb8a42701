"""How long a stage has gone on, how much of the machine it held, and whether that is enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from pydantic import Field

from secateur.records import Record, TimeBound
from secateur.spec import BudgetSpec

Clock = Callable[[], float]
"""Seconds from any beginning, never falling."""

_MINUTE = 60.0
_HOUR = 3600.0


class Held(Record):
    """What a stage has taken, over all times that its job was begun.

    Attributes:
        seconds: of the clock while it ran.
        cpu_seconds: CPUs that it held, busy or not, times the seconds for which it held them.
    """

    seconds: float = Field(default=0.0, ge=0)
    cpu_seconds: float = Field(default=0.0, ge=0)


class Tab:
    """Adds up what a stage takes from now on.

    Args:
        before: what it had taken when it was interrupted.
        clock: that is gone by.
    """

    def __init__(self, before: Held | None = None, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        # Replaced as a whole: other threads read it.
        self._state = before or Held(), clock(), 0.0

    def hold(self, cpus: float) -> None:
        """From now on the stage holds so many CPUs."""
        self._state = self.held, self._clock(), cpus

    @property
    def cpus(self) -> float:
        """That the stage holds now."""
        return self._state[2]

    @property
    def held(self) -> Held:
        """All that it has taken up to now."""
        held, since, cpus = self._state
        passed = max(0.0, self._clock() - since)
        return Held(seconds=held.seconds + passed, cpu_seconds=held.cpu_seconds + passed * cpus)


class Budget:
    """Holds a stage against its bounds in time.

    Args:
        spec: the bounds; without any there is always time.
        tab: of the stage.
    """

    def __init__(self, spec: BudgetSpec | None, tab: Tab) -> None:
        self._tab = tab
        minutes, cpu_hours = (spec.minutes, spec.cpu_hours) if spec else (None, None)
        self._seconds = inf if minutes is None else minutes * _MINUTE
        self._cpu_seconds = inf if cpu_hours is None else cpu_hours * _HOUR

    def reached(self) -> TimeBound | None:
        """The bound that nothing new may begin beyond, once it is reached."""
        held = self._tab.held
        if held.seconds >= self._seconds:
            return "minutes"
        return "cpu_hours" if held.cpu_seconds >= self._cpu_seconds else None

    @property
    def share(self) -> float:
        """How much of it is spent: 0 at first, 1 and more when a bound is reached."""
        held = self._tab.held
        return max(held.seconds / self._seconds, held.cpu_seconds / self._cpu_seconds)

    @property
    def left(self) -> float:
        """Seconds to the nearer bound with the CPUs that the stage holds now; inf without."""
        held, cpus = self._tab.held, self._tab.cpus
        rest = (self._cpu_seconds - held.cpu_seconds) / cpus if cpus else inf
        return max(0.0, min(self._seconds - held.seconds, rest))
