"""What stages may ask of a tracker, whichever product stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from secateur.records import Scalar

Status = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class UsedData:
    """A data set as the runs that used it name it.

    Attributes:
        name: shown to people, e.g. ``digits``; at most 500 characters.
        digest: tells its content from others of the name; at most 36 characters are kept.
        source: where it comes from: an ``http(s)://`` address or the path of a file or folder;
            anything else is taken for the name of the code that makes the data.
        profile: sizes and such, e.g. ``{"images": 1078, "classes": 10}``.
    """

    name: str
    digest: str
    source: str
    profile: Mapping[str, Scalar] = field(default_factory=dict)


class Tracker(Protocol):
    """A tree of runs with parameters, stepped metrics and files.

    Runs are found by key, so that a job that goes on continues its runs instead of
    beginning them again, and a step that a run already has is never logged twice.

    No operation but ``run_id`` waits for a server, and all may be called from any thread.
    """

    def start(
        self,
        key: str,
        *,
        name: str,
        parent: str | None = None,
        parameters: Mapping[str, Scalar] | None = None,
        tags: Mapping[str, str] | None = None,
        identity: str = "",
    ) -> str:
        """Find or create the run with this key and return a handle for the other operations.

        A run that was left open, or had ended, goes on.

        Args:
            key: unique in the job, e.g. ``search/trial-003``.
            name: shown to people.
            parent: handle of the run that this one belongs under.
            parameters: fixed once written; those already there are left alone.
            tags: may be overwritten.
            identity: what the key stands for.  Where it differs from what the key was started
                with before, that run never counted: it goes, and a new one takes its place.
        """
        ...

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        """Record metrics of one step; steps ascend, and those that the run has are dropped."""
        ...

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags, in place of those of the same names."""
        ...

    def use(self, run: str, data: UsedData, role: str) -> None:
        """Link a data set as an input of the run.

        Args:
            run: that used it.
            data: the data set.
            role: what for, e.g. ``train`` or ``test``.
        """
        ...

    def attach(self, run: str, path: Path, folder: str = "") -> None:
        """Store a file with the run."""
        ...

    def end(self, run: str, status: Status = "FINISHED", reason: str | None = None) -> None:
        """Close a run, with the reason why it stopped where it was stopped."""
        ...

    def run_id(self, run: str) -> str:
        """The id of a run in the product behind, for those who talk to it themselves.

        Waits until everything that was recorded so far is there, two minutes at most.

        Raises:
            TrackingError: the tracking server does not answer, or is too slow.
        """
        ...
