"""Processor time of this process and of all that it started."""

from __future__ import annotations

import psutil


class ProcessTree:
    """Adds up processor time over this process and its descendants, dead ones included.

    A process counts with what it had used when it was last looked at: what it used between
    then and its end is lost, so look every few seconds.  Its parent's account of its children is
    no help: a parent that never waits for them has none.
    """

    def __init__(self) -> None:
        self._root = psutil.Process()
        self._seen: dict[tuple[int, float], float] = {}

    def cpu_seconds(self) -> float:
        """User and system time of all processes so far, in seconds; never falls."""
        for process in (self._root, *self._root.children(recursive=True)):
            try:
                times = process.cpu_times()
                key = (process.pid, process.create_time())
            except psutil.Error:  # it has just ended, or became another user's
                continue
            self._seen[key] = times.user + times.system
        return sum(self._seen.values())
