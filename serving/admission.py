"""Who may come in: a bound on requests, and on bytes of them, that a replica holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from serving.errors import OverloadedError
from serving.limits import Limits


class Admission:
    """Counts what a replica is working on; belongs to one event loop.

    Attributes:
        requests: that are in.
        held_bytes: of their bodies.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.requests = 0
        self.held_bytes = 0

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A place for one request, for the time that it takes.

        Raises:
            OverloadedError: all places are taken.
        """
        if self.requests >= self._limits.requests:
            raise OverloadedError(f"{self.requests} requests are waiting already; try again later")
        self.requests += 1
        place = Place(self)
        try:
            yield place
        finally:
            self.requests -= 1
            self.held_bytes -= place.held_bytes

    def _grow(self, size: int) -> None:
        if self.held_bytes + size > self._limits.held_bytes:
            raise OverloadedError("the requests that are waiting fill the memory; try again later")
        self.held_bytes += size


class Place:
    """One request's place.

    Attributes:
        held_bytes: of its body, so far.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.held_bytes = 0

    def hold(self, size: int) -> None:
        """Hold ``size`` bytes more.

        Raises:
            OverloadedError: all requests together would hold too many.
        """
        self._admission._grow(size)
        self.held_bytes += size
