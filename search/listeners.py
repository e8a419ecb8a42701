"""Who hears in the driver of what the trials of a search do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TrialEnd:
    """How a trial had ended before its search was interrupted.

    Attributes:
        trial: its id, as Tune has it.
        number: its position in the search, from 0.
        point: of the search space.
        result: its last report; empty where it never made one.
        failed: whether its last attempt raised or lost its process.
    """

    trial: str
    number: int
    point: dict[str, Any]
    result: dict[str, Any]
    failed: bool


class TrialListener:
    """Hears of the trials of one search, and does nothing; subclasses say what they do."""

    def kept(self, end: TrialEnd) -> None:
        """A trial had ended before the search was interrupted."""

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """A trial began, or begins again after a restart."""

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """A trial finished an epoch."""

    def ended(self, trial: str, *, failed: bool) -> None:
        """A trial will report no more."""


class Listeners(TrialListener):
    """Several listeners as one, in order."""

    def __init__(self, *listeners: TrialListener) -> None:
        self._listeners = listeners

    def kept(self, end: TrialEnd) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.kept(end)

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.started(trial, number, point)

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.reported(trial, result)

    def ended(self, trial: str, *, failed: bool) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.ended(trial, failed=failed)


class Once(Listeners):
    """One listener through several attempts at a search, with this difference:

    - of a trial whose end it has heard it is not told again that it had ended.
    """

    def __init__(self, listener: TrialListener) -> None:
        super().__init__(listener)
        self._ended: set[str] = set()

    def kept(self, end: TrialEnd) -> None:
        """As ``TrialListener``."""
        if end.trial not in self._ended:
            self._ended.add(end.trial)
            super().kept(end)

    def ended(self, trial: str, *, failed: bool) -> None:
        """As ``TrialListener``."""
        self._ended.add(trial)
        super().ended(trial, failed=failed)
