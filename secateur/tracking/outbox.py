"""A tracker that writes down what it is asked for and leaves the rest to a thread."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from secateur.errors import JobConflictError
from secateur.records import Scalar
from secateur.tracking.journal import Journal
from secateur.tracking.notices import Notices
from secateur.tracking.operations import (
    AnyOperation,
    Attach,
    Discard,
    End,
    Log,
    Start,
    Tag,
    Use,
)
from secateur.tracking.port import Status, UsedData
from secateur.tracking.shipper import Shipper
from secateur.tracking.store import Store

# How long a stage that needs the store itself lets a slow one catch up.
_PATIENCE_S = 120.0

INTERRUPTED = "interrupted"
"""Why a run ended that an interrupted process had opened, and that none went on with."""


class Outbox:
    """The runs of one job, in a journal of its folder first and in a store when that answers.

    Handles of runs are their keys.  What a journal holds from an earlier process of the job
    counts: its steps are not recorded again, its open runs are closed at the end.

    Args:
        folder: for the journal; made where it is absent.
        store: where it is to be sent.
        tell: takes lines for people, from another thread.
        remedy: what a person does to send what is left, e.g. ``secateur sync digits sends it``.
        gather_s: how long the thread waits for company for what it sends.
        pause_s: how long it waits after a first failure.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        tell: Callable[[str], None] = lambda _: None,
        remedy: str = "it is sent when the job goes on",
        gather_s: float = 2.0,
        pause_s: float = 1.0,
    ) -> None:
        self._journal, self._store = Journal(folder), store
        self._notices = Notices(tell, store.address, folder, remedy, store.reason)
        self._shipper = Shipper(self._journal, store, self._notices, gather_s, pause_s)
        self._lock = threading.Lock()
        self._identity: dict[str, str] = {}
        self._last: dict[tuple[str, str], int] = {}
        # In the order in which they were opened; whether by this process.
        self._open: dict[str, bool] = {}
        try:
            for operation in self._journal:
                self._note(operation, ours=False)
        except JobConflictError:
            self._journal.close()
            raise

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
        """See ``Tracker.start``."""
        now = _now()
        run = Start(
            run=key, at=now, name=name, parent=parent, parameters=dict(parameters or {}),
            tags=dict(tags or {}), identity=identity,
        )  # fmt: skip
        with self._lock:
            if self._identity.get(key, identity) != identity:
                self._add(Discard(run=key, at=now))
            self._add(run)
        return key

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        """See ``Tracker.log``."""
        with self._lock:
            new = {
                name: float(value)
                for name, value in metrics.items()
                if step > self._last.get((run, name), -1)
            }
            if new:
                self._add(Log(run=run, at=_now(), metrics=new, step=step))

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """See ``Tracker.tag``."""
        with self._lock:
            self._add(Tag(run=run, at=_now(), tags=dict(tags)))

    def use(self, run: str, data: UsedData, role: str) -> None:
        """See ``Tracker.use``."""
        with self._lock:
            self._add(Use(run=run, at=_now(), data=data, role=role))

    def attach(self, run: str, path: Path, folder: str = "") -> None:
        """See ``Tracker.attach``.

        A file of the job's folder is sent as it is when its turn comes; of others a copy is kept.
        """
        with self._lock:
            here = self._journal.folder
            if not path.absolute().is_relative_to(here.parent.absolute()):
                path = _copied(path, here / "files" / str(self._journal.size))
            relative = os.path.relpath(path, here)
            self._add(Attach(run=run, at=_now(), path=relative, folder=folder))

    def end(self, run: str, status: Status = "FINISHED", reason: str | None = None) -> None:
        """See ``Tracker.end``."""
        with self._lock:
            self._add(End(run=run, at=_now(), status=status, reason=reason))

    def end_all(self, status: Status, reason: str | None = None) -> None:
        """Close every run that is still open, children before parents.

        Before them those of an earlier process that this one did not go on with, as interrupted.
        """
        with self._lock:
            runs = list(reversed(self._open.items()))
        for run in [run for run, ours in runs if not ours]:
            self.end(run, "KILLED", INTERRUPTED)
        for run in [run for run, ours in runs if ours]:
            self.end(run, status, reason)

    def run_id(self, run: str) -> str:
        """See ``Tracker.run_id``."""
        self.settle(_PATIENCE_S)
        return self._store.run_id(run)

    def settle(self, within: float | None = None) -> None:
        """Wait until all is sent.

        Args:
            within: seconds to wait; as long as the store answers where absent.

        Raises:
            TrackingError: the store does not answer, or not in time.
        """
        try:
            self._shipper.settle(within)
        except Exception as error:
            raise self._notices.silence(error) from error

    def close(self, within: float = 10.0) -> None:
        """Send what is left, as far as the store takes it in time; the rest is kept.

        Nothing can be recorded after this.

        Args:
            within: seconds to wait.
        """
        with suppress(Exception):
            self._shipper.settle(within)
        self._shipper.stop()
        if self.left:
            self._notices.left()
        with self._lock:
            self._journal.close()

    @property
    def left(self) -> bool:
        """Whether something was not sent yet."""
        return self._journal.sent < self._journal.size

    @property
    def counted(self) -> Counter[str]:
        """What was sent since the outbox was opened; see ``Shipper.counted``."""
        return self._shipper.counted

    def _add(self, operation: AnyOperation) -> None:
        self._journal.append(operation)
        self._note(operation, ours=True)
        self._shipper.wake()

    def _note(self, operation: AnyOperation, *, ours: bool) -> None:
        """Remember what later operations depend on."""
        match operation:
            case Start():
                self._identity[operation.run] = operation.identity
                # Behind its parent, which a job that goes on has just opened again.
                self._open.pop(operation.run, None)
                self._open[operation.run] = ours
            case Log():
                for name in operation.metrics:
                    self._last[operation.run, name] = operation.step
            case Discard():
                self._last = {at: step for at, step in self._last.items() if at[0] != operation.run}
            case End():
                self._open.pop(operation.run, None)
            case _:
                pass


def _copied(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(path, folder))


def _now() -> int:
    return int(time.time() * 1000)
