"""What a running job says of itself in its folder, and what others read there.

One record serves all who want to know how far a job has come: the bar on its terminal, the
lines of its log, and ``secateur status`` in another process.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from search.budget import Clock, Held
from search.exit_codes import INTERRUPTED, NOT_PUBLISHED
from search.ledger import Ledger
from secateur.errors import JobConflictError
from secateur.records import Publication, Record
from secateur.scratch import whole

State = Literal["running", "finished", "failed", "interrupted"]

FILE = "status.json"
LOG = "progress.log"
"""The lines of a job, in its folder."""

EVERY_S = 1.0
"""The file is written no more often than this, and hardly less often."""

SILENCE_S = 60.0
"""A job of another machine is given up after this, which clocks may differ by."""

# Of a job that does not say.
STAGES = ("search", "prune", "finetune", "evaluate", "publish")


class Part(Record):
    """One of the things that go on side by side in a stage, as the agents of a target.

    Attributes:
        name: of it, e.g. ``-50%``.
        done: units that are through.
        total: units in all.
        score: best so far, or that of the last epoch; absent before the first.
        cut: share of the FLOPs that the best policy removes.
    """

    name: str
    done: int
    total: int
    score: float | None = None
    cut: float | None = None


class Activity(Record):
    """How far the stage is that a job is in.

    Attributes:
        unit: what is counted: trials, episodes or epochs.
        done: that have ended, whichever way.
        total: in all; absent where time alone bounds them.
        running: at this moment.
        stopped: of those that ended, how many the scheduler stopped early; absent where there
            is no such thing.
        failed: of those that ended.
        best: score of the best that ran in full.
        best_is: which network that is.
        percent: whether scores are shares.
        noise: of the agents' last episodes; absent where nothing is explored.
        parts: what goes on side by side.
    """

    unit: str
    done: int = 0
    total: int | None = None
    running: int = 0
    stopped: int | None = None
    failed: int = 0
    best: float | None = None
    best_is: str = ""
    percent: bool = True
    noise: float | None = None
    parts: tuple[Part, ...] = ()


class Status(Record):
    """How a job stands.

    Attributes:
        job: its name.
        state: as the job says; a job that was killed could not say so, see ``read``.
        reason: why it failed or was not published, in one line.
        exit_code: of ``secateur run``, once it has ended.
        stage: that it is in, or came to.
        place: of the stage among ``stages``, from 1.
        stages: names of all, in order.
        activity: how far the stage is; absent for those that are over in a moment.
        share: of the stage that is through, in [0, 1]: of its trials or of its time.
        seconds_left: to the end of the stage, estimated; absent where too little is known.
        held: what each stage has taken.
        pid: of the process that runs it.
        host: on which that is.
        began: when that process began, in seconds since 1970.
        heard: when it last said something, in seconds since 1970.
    """

    job: str
    state: State = "running"
    reason: str = ""
    exit_code: int | None = None
    stage: str = ""
    place: int = 0
    stages: tuple[str, ...] = STAGES
    activity: Activity | None = None
    share: float = 0.0
    seconds_left: float | None = None
    held: dict[str, Held] = {}
    pid: int = 0
    host: str = ""
    began: float = 0.0
    heard: float = 0.0


class StatusFile:
    """Writes the status of a running job, whole or not at all.

    Args:
        folder: of the job.
        clock: to keep the pace by.
    """

    def __init__(self, folder: Path, clock: Clock = time.monotonic) -> None:
        self._path = folder / FILE
        self._clock, self._next = clock, clock()

    def write(self, status: Status, *, now: bool = False) -> None:
        """Write, unless that was done within the last second and need not be ``now``.

        Nothing waits for the disk: a rename outlives the death of the process, and after that
        of the machine a reader takes what it finds as no status at all.
        """
        moment = self._clock()
        if not now and moment < self._next:
            return
        self._next = moment + EVERY_S
        # A disk that is full ends the job where it has records to write, not here.
        with suppress(OSError), whole(self._path) as partial:
            partial.write_text(status.model_dump_json(indent=1) + "\n", encoding="utf-8")


def said(folder: Path) -> Status | None:
    """What a job last said of itself; nothing where that is no status of this version."""
    try:
        return Status.from_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def read(folder: Path) -> Status:
    """How a job stands, told from its folder alone.

    A job that says it runs, while no process holds it, was killed: it is ``interrupted``. One
    of another machine, whose locks may not reach this one, is taken at its word for
    ``SILENCE_S``. One that has its last record has finished, whatever it said last.

    Raises:
        JobConflictError: there is no such job.
    """
    ledger = Ledger(folder)
    ledger.check()
    status = said(folder) or _by_records(folder)
    if status.state == "running" and (ledger.is_held() or _pulses(status)):
        return status
    # It lets go after its last word, which may have come since.
    status = said(folder) or status
    if status.state != "finished" and ledger.has(STAGES[-1]):
        return _finished(status, ledger)
    if status.state != "running":
        return status
    ended = {"state": "interrupted", "exit_code": INTERRUPTED}
    return resting(status).model_copy(update=ended)


def _pulses(status: Status) -> bool:
    """Whether a job of another machine, whose locks may not reach this one, was just heard of."""
    elsewhere = status.host not in {"", socket.gethostname()}
    return elsewhere and abs(time.time() - status.heard) < SILENCE_S


def resting(status: Status) -> Status:
    """The same, where nothing of the stage goes on any more."""
    activity = status.activity and status.activity.model_copy(update={"running": 0})
    return status.model_copy(update={"activity": activity, "seconds_left": None})


def jobs(home: Path) -> list[Path]:
    """Folders of all jobs of a home, by name."""
    return sorted(path.parent for path in home.glob("*/job.json"))


def _finished(status: Status, ledger: Ledger) -> Status:
    """The same, of a job that has its last record, as one that ``secateur sync`` published."""
    ended: dict[str, object] = {"state": "finished", "reason": "", "exit_code": os.EX_OK}
    with suppress(JobConflictError):  # a record of another version
        publication = ledger.read(STAGES[-1], Publication)
        if publication is not None and publication.version is None:
            ended |= {"reason": "; ".join(publication.failures), "exit_code": NOT_PUBLISHED}
    return status.model_copy(update=ended)


def _by_records(folder: Path) -> Status:
    """How a job stands that says nothing: one of an earlier version, or that has just begun."""
    ledger = Ledger(folder)
    try:
        stages = ledger.spec().stages
    except JobConflictError:  # of another version
        stages = STAGES
    done = list(filter(ledger.has, stages))
    return Status(
        job=folder.name,
        stage=done[-1] if done else "",
        place=stages.index(done[-1]) + 1 if done else 0,
        stages=stages,
        heard=max(map(_changed, folder.glob("*.json")), default=0.0),
    )


def _changed(file: Path) -> float:
    """When that was, in seconds since 1970; long ago where it was removed a moment ago."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
