"""Several streams of results from Ray workers, read as one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, TypeVar

import ray
from ray import ObjectRefGenerator
from ray.exceptions import RayError

from agents import failures, waiting
from agents.resources import Need
from agents.silence import Silence
from agents.waiting import Waiting
from agents.watched import Begun
from secateur.errors import SecateurError, StageError

K = TypeVar("K", bound=Hashable)

Start = Callable[[ExitStack], ObjectRefGenerator]
"""Starts a streaming task; what it enters is left when the stream has ended."""


def interleave(
    starts: Iterable[tuple[K, Start]],
    at_once: int | None = None,
    silence: float = inf,
    called: Callable[[K], str] = str,
    waits: Waiting | None = None,
) -> Iterator[tuple[K, Any]]:
    """Results of all streams in the order in which they arrive.

    Streams begin in their order, the next one when another has ended. One that hangs is
    started once more: as after a lost worker, the results that have arrived already are
    expected again, and passed over.  None hangs while no node could hold it.

    Args:
        starts: what each stream's results are to be known by, and what starts it.
        at_once: streams at the same time, at least 1; all of them where absent.
        silence: seconds after which a stream hangs that has begun (see ``watched``) and from
            which nothing came.
        called: what to call a stream in an error.
        waits: says that all streams wait for a worker, see ``watched``; nobody where absent.

    Yields:
        (key, result).  When the reader stops early, what still runs is cancelled.

    Raises:
        SecateurError: raised by a task.
        StageError: a task raised anything else, lost its worker too often, or hung twice.
    """
    later = deque(starts)
    most = len(later) if at_once is None else at_once
    running = _Running[K](silence, called, waits or Waiting("", Need(), lambda _: None))
    try:
        while later or running:
            while later and len(running) < most:
                running.begin(_Stream(*later.popleft()))
            yield from running.next()
    finally:
        running.cancel()


@dataclass
class _Stream(Generic[K]):
    """One of the streams.

    Attributes:
        key: what its results are to be known by.
        start: starts it.
        arrived: results that were handed on.
        again: of these, how many are to come again, after it was started once more.
        hung: whether it was.
    """

    key: K
    start: Start
    arrived: int = 0
    again: int = 0
    hung: bool = False


class _Running(Generic[K]):
    """The streams that run.

    Args:
        silence: as for ``interleave``.
        called: as for ``interleave``.
        waits: as for ``interleave``.
    """

    def __init__(self, silence: float, called: Callable[[K], str], waits: Waiting) -> None:
        self._silence = Silence[ObjectRefGenerator](silence)
        self._seconds, self._called, self._waits = silence, called, waits
        self._streams: dict[ObjectRefGenerator, tuple[_Stream[K], ExitStack]] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def begin(self, stream: _Stream[K]) -> None:
        """Start a stream."""
        with ExitStack() as held:
            task = stream.start(held)
            self._streams[task] = stream, held.pop_all()

    def next(self) -> Iterator[tuple[K, Any]]:
        """Wait for something to happen, and hand on what came, if anything did."""
        left = min(self._silence.left, waiting.LOOK_EVERY_S)
        ready, _ = ray.wait(list(self._streams), timeout=left)
        if not ready:
            self._look()
            return
        stream = self._streams[ready[0]][0]
        try:
            result = ray.get(next(ready[0]))
        except StopIteration:
            self._end(ready[0])
        except RayError as error:
            raise self._told(stream, error) from error
        else:
            self._silence.heard(ready[0])
            self._waits.runs()
            if isinstance(result, Begun):
                return
            if stream.again:
                stream.again -= 1
                return
            stream.arrived += 1
            yield stream.key, result

    def cancel(self) -> None:
        """End what still runs."""
        for task, (_, held) in self._streams.items():
            ray.cancel(task)
            held.close()

    def _look(self) -> None:
        """Nothing came: the streams wait, hang, or take their time."""
        self._waits.look(begun=len(self._silence) > 0)
        if self._waits.homeless:
            self._silence.excused()
        elif (hanging := self._silence.broken()) is not None:
            self._again(hanging)

    def _end(self, task: ObjectRefGenerator) -> _Stream[K]:
        self._silence.gone(task)
        stream, held = self._streams.pop(task)
        held.close()
        return stream

    def _again(self, task: ObjectRefGenerator) -> None:
        """End the process of a stream that hangs, and start it once more."""
        ray.cancel(task, force=True)
        stream = self._end(task)
        if stream.hung:
            raise StageError(
                f"{self._called(stream.key)}: reported nothing for limits.silence_seconds "
                f"({self._seconds:g}), twice; the same command goes on from here"
            )
        stream.hung, stream.again = True, stream.arrived
        self.begin(stream)

    def _told(self, stream: _Stream[K], error: RayError) -> SecateurError:
        cause = failures.cause(error)
        if isinstance(cause, SecateurError):
            return cause
        return StageError(
            f"{self._called(stream.key)}: {failures.told(error)}; "
            "the same command goes on from here"
        )
