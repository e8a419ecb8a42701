"""How much longer a stage takes, by the work that it has finished."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Protocol


class Outlook(Protocol):
    """What is known about the rest of a stage, at the moment at which something ended."""

    def left(self, now: float) -> float | None:
        """Seconds to the end, counted from ``now``; nothing where too little is known.

        ``inf`` where the work has no end of its own.
        """
        ...


@dataclass(frozen=True)
class TrialsLeft:
    """Trials that go on side by side and may be stopped early.

    A trial that waits will take as long as those that ended took in the mean, early stops
    included; one that runs takes what it lacks to that, or a tenth of its age where it is
    older.  Before as many have ended as run at once there is no estimate: the first to end
    are the short ones.

    Attributes:
        total: trials in all; nothing where time alone bounds them.
        ended: of them.
        worked: seconds that those took, added up.
        begun: when each that runs began.
        workers: that run trials at once.
    """

    total: int | None
    ended: int
    worked: float
    begun: tuple[float, ...]
    workers: int

    def left(self, now: float) -> float | None:
        """As ``Outlook``."""
        if self.total is None:
            return inf
        if not self.ended or self.ended < self.workers:
            return None
        usual = self.worked / self.ended
        ages = [now - began for began in self.begun]
        rests = [max(usual - age, age / 10) for age in ages]
        waiting = max(0, self.total - self.ended - len(rests))
        work, workers = waiting * usual + sum(rests), min(self.workers, waiting + len(rests))
        return max([work / max(1, workers), *rests])


@dataclass(frozen=True)
class StepsLeft:
    """Agents or trainings that go on side by side, each one step after the other.

    Attributes:
        steps: that each has still before it.
        done: steps of all.
        worked: seconds that those took, added up.
        workers: that take steps at once.
        at: when this was known.
    """

    steps: tuple[int, ...]
    done: int
    worked: float
    workers: int
    at: float

    def left(self, now: float) -> float | None:
        """As ``Outlook``; the first steps of each worker, which include its start, are not enough.

        The longest row of steps cannot be shared out.
        """
        if self.done < 2 * self.workers:
            return None
        each = self.worked / self.done
        workers = max(1, min(self.workers, sum(1 for steps in self.steps if steps)))
        longest = max([sum(self.steps) / workers, *self.steps])
        return max(0.0, longest * each - (now - self.at))
