"""What stages may ask of a tracker, whichever product stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from secateur.records import Scalar

Status = Literal["FINISHED", "FAILED", "KILLED"]


class Tracker(Protocol):
    """A tree of runs with parameters, stepped metrics and files.

    Runs are found by key, so that a job that goes on continues its runs instead of
    beginning them again, and a step that a run already has is never logged twice.
    """

    def start(
        self,
        key: str,
        *,
        name: str,
        parent: str | None = None,
        parameters: Mapping[str, Scalar] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Find or create the run with this key and return its id.

        Args:
            key: unique in the job, e.g. ``search/trial-003``.
            name: shown to people.
            parent: id of the run that this one belongs under.
            parameters: fixed once written; those already there are left alone.
            tags: may be overwritten.
        """
        ...

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        """Record metrics of one step; steps that the run already has are dropped."""
        ...

    def attach(self, run: str, path: Path, folder: str = "") -> None:
        """Store a file with the run."""
        ...

    def end(self, run: str, status: Status = "FINISHED", reason: str | None = None) -> None:
        """Close a run, with the reason why it stopped where it was stopped."""
        ...
