"""How long an agent may play, and how long it has played, over all times that it was begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap, zip_longest
from math import ceil, inf
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from secateur.records import Record, TimeBound
from secateur.scratch import whole
from secateur.spec import BudgetSpec

Enough = Callable[[], bool]
"""Whether an agent is to begin no more episodes."""

_FILE = "played.json"
_MINUTE = 60.0
_HOUR = 3600.0


def never() -> bool:
    """There is no budget but that of episodes."""
    return False


@dataclass(frozen=True)
class Allowance:
    """An agent's share of a budget in time.

    Attributes:
        seconds: that it may play.
        bound: of the budget, by which it is so much.
    """

    seconds: float = inf
    bound: TimeBound = "minutes"


def share_out(spec: BudgetSpec | None, agents: int, at_once: int, cpus: float) -> Allowance:
    """The share of each of several agents, which is the same for all.

    Agents that find no room wait until others have ended, so that they play in
    ``agents / at_once`` turns, rounded up, which share the minutes.

    Args:
        spec: the budget of all of them.
        agents: how many there are.
        at_once: how many of them play at the same time.
        cpus: that each of them holds.
    """
    shares: list[tuple[float, TimeBound]] = []
    if spec is not None and spec.minutes is not None:
        shares.append((spec.minutes * _MINUTE / ceil(agents / at_once), "minutes"))
    if spec is not None and spec.cpu_hours is not None:
        shares.append((spec.cpu_hours * _HOUR / agents / cpus, "cpu_hours"))
    return Allowance(*min(shares)) if shares else Allowance()


class Played(Record):
    """What an agent has played.

    Attributes:
        seconds: in all.
        episodes: that it has told of, by stage.
        stopped_by: what bounds it: its episodes, or its time.
    """

    seconds: float = 0.0
    episodes: tuple[int, ...] = ()
    stopped_by: Literal["episodes"] | TimeBound = "episodes"


def played(folder: Path) -> Played:
    """What the agent of a folder has played; nothing where it never had an allowance."""
    try:
        return Played.from_json((folder / _FILE).read_bytes())
    except (OSError, ValidationError):
        return Played()


class Stint:
    """One agent's play against its allowance, which the stages of its target share equally.

    An agent that goes on tells again what it told before, whatever that takes: only what
    comes after may be too much. Every stage has one episode at least, so that an agent comes
    to its target.

    Args:
        allowance: of the agent.
        folder: of the agent; keeps what it has played.
        stages: of the agent's way.
        clock: in seconds.
    """

    def __init__(
        self,
        allowance: Allowance,
        folder: Path,
        stages: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowance, self._folder, self._stages = allowance, folder, stages
        self._clock, self._began = clock, clock()
        self._before = self._now = played(folder)
        self._told: list[int] = []

    def begin(self) -> None:
        """The first stage, or the next."""
        self._told.append(0)

    def told(self) -> None:
        """An episode is through."""
        self._told[-1] += 1
        self._keep()

    def enough(self) -> bool:
        """Whether nothing new may begin in this stage; asked after an episode."""
        before, place, told = self._before.episodes, len(self._told), self._told[-1]
        if told < (before[place - 1] if place <= len(before) else 1):
            return False
        share = self._allowance.seconds * place / self._stages
        # Where a later stage has begun, this one was over.
        over = place < len(before) or self._seconds() >= share
        if over and self._now.stopped_by == "episodes":
            self._now = self._now.model_copy(update={"stopped_by": self._allowance.bound})
            self._keep()
        return over

    def _seconds(self) -> float:
        return self._before.seconds + self._clock() - self._began

    def _keep(self) -> None:
        if self._allowance.seconds == inf:
            return
        longest = zip_longest(self._told, self._before.episodes, fillvalue=0)
        news = {"seconds": self._seconds(), "episodes": tuple(starmap(max, longest))}
        self._now = self._now.model_copy(update=news)
        with whole(self._folder / _FILE) as partial:
            partial.write_text(self._now.model_dump_json(), encoding="utf-8")
