"""Where the runs of a job go, and how what is left of them gets there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from search import storage
from search.home import Home
from search.ledger import Ledger
from search.progress import Progress
from secateur.errors import JobConflictError
from secateur.tracking.mlflow_tracker import MLflowTracker

FOLDER = "tracking"
"""What was recorded for the tracking server, below the job's folder."""


def tracker(home: Home, ledger: Ledger, tell: Callable[[str], None]) -> MLflowTracker:
    """The tracker of a job, for the one process that holds it."""
    return MLflowTracker(
        home.tracking_uri,
        ledger.folder.name,
        ledger.id,
        ledger.folder / FOLDER,
        home.artifact_root,
        tell,
    )


def abandon(home: Home, ledger: Ledger) -> None:
    """Close the runs that a beginning of a job left open, before that is discarded.

    Harmless where there is no job yet, or none of this version.
    """
    with suppress(JobConflictError):
        if (ledger.folder / FOLDER).exists():
            outbox = tracker(home, ledger, lambda _: None)
            outbox.end_all("KILLED")
            outbox.close()


def sync(home: Home, name: str, progress: Progress) -> None:
    """Send what a job could not, and publish its model where that alone is missing.

    Args:
        home: of the job.
        name: of the job.
        progress: takes the lines that say what was done.

    Raises:
        JobConflictError: there is no such job, or it is running.
        TrackingError: the tracking server does not answer; all is kept.
    """
    ledger = Ledger(home.job(name))
    storage.fetch(ledger.folder)
    ledger.check()
    with storage.mirrored(ledger.folder, progress.line), ledger.held(ledger.spec()):
        told: list[str] = []
        outbox = tracker(home, ledger, told.append)
        try:
            outbox.settle()
        finally:
            outbox.close(within=0)
        for line in told:
            progress.line(line)
        unpublished = ledger.has("evaluate") and not ledger.has("publish")
        if outbox.counted or not unpublished:
            progress.line(f"{name}: {_said(outbox.counted)}")
        if unpublished:
            _publish(home, ledger, progress)


def _publish(home: Home, ledger: Ledger, progress: Progress) -> None:
    """Go on with a job whose other stages are done, which needs no Ray."""
    from search import kinds
    from secateur.data import load

    spec = ledger.spec()
    with progress.recorded(ledger.folder, spec.stages):
        publication = kinds.job(spec, load(spec.data, spec.seed), home, progress).run()
        progress.finished(publication.failures)


def _said(counted: Counter[str]) -> str:
    """What was sent, in words."""
    if not counted:
        return "nothing to send"
    words = {"start": "run", "log": "metric", "attach": "file", "use": "data set"}
    parts = [
        f"{counted[kind]:,} {word}{'s' * (counted[kind] != 1)}"
        for kind, word in words.items()
        if counted[kind]
    ]
    return f"sent {', '.join(parts) or 'tags and ends of runs'}"
