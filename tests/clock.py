"""A clock for whatever takes one."""

from __future__ import annotations


class Clock:
    """Stands still until a test moves it.

    Attributes:
        now: seconds, since whenever the test says.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
