"""What jobs have printed, whole or as it comes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

from secateur.errors import JobConflictError, SecateurError
from serving.deadline import in_time
from serving.errors import OverloadedError, UnavailableError
from serving.gateway.entries import Entry
from serving.jobs.port import Cluster

EVENTS: Final = "text/event-stream"
EVERY_S: Final = 1.0
FOLLOW_S: Final = 600.0
"""After which a stream ends, to be asked for again from where it ended."""

FOLLOWERS: Final = 16
"""Streams of one team at a time."""

_BEAT_S = 10.0
_THREADS = 4
_KEPT = 64

_Look = tuple[str, bool]
"""At the log of a turn, by its token, and whether it was over before."""


@dataclass(frozen=True)
class Position:
    """How much of a log a client has, as the id of the last event that it saw.

    Attributes:
        turn: of the job; each turn has a log of its own.
        lines: that it has.
    """

    turn: int = 0
    lines: int = 0

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """What ``Last-Event-ID`` says; the beginning where that is nothing usable."""
        turn, _, lines = (text or "")[:40].partition(":")
        if turn.isascii() and lines.isascii() and turn.isdecimal() and lines.isdecimal():
            return cls(int(turn), int(lines))
        return cls()

    def __str__(self) -> str:
        return f"{self.turn}:{self.lines}"


class Stream:
    """What one client is told of a log, look after look.

    Args:
        at: how much it has.
        seconds: after which the stream ends.
        clock: seconds from any beginning.

    Attributes:
        over: whether the stream has ended.
    """

    def __init__(
        self, at: Position, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.over = False
        self._at, self._clock, self._before = at, clock, [""]
        self._heard = clock()
        self._until = self._heard + seconds

    def told(self, entry: Entry, found: list[str] | None) -> Iterator[bytes]:
        """The events of a look.

        Args:
            entry: how the job stood before the log was read.
            found: lines of the log; nothing where it could not be read.
        """
        # What a job printed last is told before its end.
        lines, ended = found or [], entry.over and found is not None
        if self._at.turn != entry.turn:
            self._at = Position(entry.turn)
        whole = len(lines) if ended or lines == self._before else max(0, len(lines) - 1)
        fresh, self._before = lines[self._at.lines : whole], lines
        if fresh:
            self._at = Position(entry.turn, whole)
            yield self._event(fresh, id=str(self._at))
        self.over = ended or self._clock() > self._until
        if ended:
            yield self._event([entry.message], event=entry.phase)
        elif self.over:
            yield self._event(["ask again from here"], event="pause")
        elif self._clock() > self._heard + _BEAT_S:
            self._heard = self._clock()
            yield b":\n\n"

    def _event(self, lines: list[str], **fields: str) -> bytes:
        """An event; a line's own breaks are those of the data.

        Source: WHATWG, "HTML", 9.2 "Server-sent events".
        """
        self._heard = self._clock()
        head = [f"{name}: {value}" for name, value in fields.items()]
        data = [f"data: {part}" for line in lines for part in (line.splitlines() or [""])]
        return "\n".join([*head, *data, "", ""]).encode("utf-8", "replace")


class Logs:
    """Reads logs from the cluster, once a second however many ask for the same.

    Threads of its own: one that a cluster leaves waiting is missed by nobody else.

    Args:
        cluster: that keeps them.
        seconds: to wait for an answer.
        every: seconds between two looks for the same log.
        clock: seconds from any beginning.
    """

    def __init__(
        self,
        cluster: Cluster,
        seconds: float,
        every: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster, self._seconds, self._every, self._clock = cluster, seconds, every, clock
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="logs")
        self._asked: OrderedDict[_Look, tuple[float, asyncio.Future[list[str]]]] = OrderedDict()
        self._followers: Counter[str] = Counter()

    async def lines(self, entry: Entry) -> list[str]:
        """What the job's present turn has printed; nothing before the cluster has it.

        Raises:
            UnavailableError: the cluster does not answer, or not in time.
        """
        if not entry.placed:
            return []
        try:
            return await in_time(
                asyncio.shield(self._shared(entry)),
                *(self._seconds, "the cluster"),
            )
        except JobConflictError:  # it has forgotten the job
            return []
        except UnavailableError:
            raise
        except SecateurError as error:
            raise UnavailableError(str(error)) from None

    def _shared(self, entry: Entry) -> asyncio.Future[list[str]]:
        # Apart: a look that began before the end may lack what the job printed last.
        look, now = (entry.token, entry.over), self._clock()
        asked, answer = self._asked.get(look, (now, None))
        if answer is None or (answer.done() and now - asked >= self._every):
            loop = asyncio.get_running_loop()
            answer = loop.run_in_executor(self._threads, self._read, entry.cluster_name)
            self._asked[look] = now, answer
            self._asked.move_to_end(look)
            if len(self._asked) > _KEPT:
                self._asked.popitem(last=False)
        return answer

    def _read(self, name: str) -> list[str]:
        return list(self._cluster.logs(name))

    async def events(
        self, find: Callable[[], Entry], at: Position, seconds: float = FOLLOW_S
    ) -> AsyncIterator[bytes]:
        """Server-sent events: the lines as they come, and at last how the job has ended.

        Args:
            find: tells how the job stands.
            at: how much the client has.
            seconds: after which the stream ends with an event ``pause``, as it may go on.
        """
        team = (await asyncio.to_thread(find)).team
        # Of those that come at one moment more may have found room than there is.
        full = self._followers[team] >= FOLLOWERS
        stream = Stream(at, 0.0 if full else seconds, self._clock)
        with self._follower(team):
            while True:
                # In this order: what a job prints last is there once it has ended.
                entry = await asyncio.to_thread(find)
                for event in stream.told(entry, await self._known(entry)):
                    yield event
                if stream.over:
                    return
                await asyncio.sleep(self._every)

    async def _known(self, entry: Entry) -> list[str] | None:
        try:
            return await self.lines(entry)
        except UnavailableError:
            # The stream outlives a cluster that is away.
            return None

    @contextmanager
    def _follower(self, team: str) -> Iterator[None]:
        self._followers[team] += 1
        try:
            yield
        finally:
            self._followers[team] -= 1

    def check_room(self, team: str) -> None:
        """Refuse a stream too many.

        Raises:
            OverloadedError: the team has as many as it may.
        """
        if self._followers[team] >= FOLLOWERS:
            raise OverloadedError(f"the team follows {FOLLOWERS} logs already; try again later")
