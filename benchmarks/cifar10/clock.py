"""Work in chunks: how long one stage has run, in all chunks, and when this one must end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.page import write


class ChunkOverError(Exception):
    """The chunk is over and the stage is not; the same command goes on."""


class Clock:
    """Of one stage of one run.

    Args:
        file: keeps the seconds of all chunks.
        minutes: of this chunk; none for as long as it takes.
        now: in seconds.
    """

    def __init__(
        self, file: Path, minutes: float | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._file, self._now = file, now
        before = json.loads(file.read_text()) if file.exists() else {}
        self._before, self._cpu_before = before.get("seconds", 0.0), before.get("cpu_seconds", 0.0)
        self._cpu_began, self._told, self._parts = time.process_time(), 0, before.get("parts", 0)
        self._end = None if minutes is None else now() + 60 * minutes
        self._began = self._last = now()
        self._longest = 0.0

    @property
    def seconds(self) -> float:
        """Of all chunks."""
        return self._before + self._now() - self._began

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all chunks; what else the machine did meanwhile adds nothing."""
        return self._cpu_before + time.process_time() - self._cpu_began

    def spent(self) -> dict[str, float]:
        """Both, as results quote them."""
        return {"seconds": round(self.seconds, 1), "cpu_seconds": round(self.cpu_seconds, 1)}

    def tick(self) -> None:
        """A part that is kept is done: end the chunk where the next would not fit.

        Parts of earlier chunks, which a stage tells of once more, count nothing.

        Raises:
            ChunkOverError: it would not, if it took as long as the longest so far.
        """
        now, self._told = self._now(), self._told + 1
        taken, self._last = now - self._last, now
        if self._told <= self._parts:
            return
        self._longest = max(self._longest, taken)
        write(self._file, {**self.spent(), "parts": self._told})
        if self._end is not None and now + self._longest > self._end:
            raise ChunkOverError
