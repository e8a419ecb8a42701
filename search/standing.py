"""How jobs stand, for people and for scripts, read from their folders alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from search.aligned import aligned
from search.display import Display, Lines, Terminal, duration, fields
from search.ledger import Ledger
from search.reports.amounts import rounded
from search.status import EVERY_S, LOG, Status, jobs, read
from secateur.errors import JobConflictError
from secateur.records import Account, Spent

ACCOUNT = "account"
"""Record of what a job has cost, see ``search.meter``, which is slow to import."""

RAY_LOG = "ray.log"

_HEAD = ("job", "state", "stage", "done", "left", "last heard of")


def told(folder: Path, *, as_json: bool) -> str:
    """How a job stands, in a few lines or in JSON.

    Raises:
        JobConflictError: there is no such job.
    """
    status = read(folder)
    return _dumps(described(folder, status)) if as_json else page(folder, status, time.time())


def all_told(home: Path, *, as_json: bool) -> str:
    """How all jobs of a home stand, a line each or in JSON."""
    if as_json:
        return _dumps([described(folder, status) for folder, status in _statuses(home)])
    return table(home, time.time())


def followed(folder: Path, stream: TextIO, *, as_json: bool) -> int:
    """Show a job until it ends, or print JSON, a line a change.

    Returns:
        The exit code of the job.

    Raises:
        JobConflictError: there is no such job.
    """
    statuses = until_ended(folder)
    if as_json:
        for status in changes(statuses):
            print(json.dumps(described(folder, status)), file=stream, flush=True)
    else:
        status = follow(
            statuses, folder / LOG, Terminal(stream) if stream.isatty() else Lines(stream)
        )
        print(page(folder, status, time.time()), file=stream, flush=True)
    return status.exit_code or os.EX_OK


def page(folder: Path, status: Status, now: float) -> str:
    """One job in a few lines.

    Args:
        folder: of the job.
        status: of the job.
        now: seconds since 1970.
    """
    rows = [("state", _state(status, now)), ("stage", _stage(status))]
    if status.activity is not None:
        told = (text for _, text in fields(status, status.activity))
        rows.append(("", "  ".join(told)))
    rows += [
        ("cost", _cost(spent(folder))),
        ("heard of", f"{duration(max(0.0, now - status.heard))} ago"),
        *((name, str(folder / file)) for name, file in _logs(folder).items()),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [status.job, *(f"  {name:<{width}}  {text}" for name, text in rows if text)]
    return "\n".join(lines)


def table(home: Path, now: float) -> str:
    """All jobs of a home, a line each."""
    rows = [_HEAD, *(_row(folder.name, status, now) for folder, status in _statuses(home))]
    if len(rows) == 1:
        return f"{home}: no jobs yet"
    return aligned(rows)


def described(folder: Path, status: Status) -> dict[str, Any]:
    """What a script may want to know: the status, what was spent, and where things lie."""
    cost = spent(folder)
    return status.model_dump(mode="json") | {
        "spent": cost.model_dump(mode="json"),
        "folder": str(folder),
        "logs": {name: str(folder / file) for name, file in _logs(folder).items()},
    }


def spent(folder: Path) -> Spent:
    """What a job has cost so far; nothing where that is not known."""
    with suppress(JobConflictError):
        account = Ledger(folder).read(ACCOUNT, Account)
        return Spent() if account is None else account.total
    return Spent()


def until_ended(folder: Path) -> Iterator[Status]:
    """The status of a job again and again; the last is that of a job that runs no more."""
    while (status := read(folder)).state == "running":
        yield status
        time.sleep(EVERY_S)
    yield status


def changes(statuses: Iterable[Status]) -> Iterator[Status]:
    """Those that tell something beside the passing of time."""
    before = None
    for status in statuses:
        still = {"heard": 0.0, "held": {}, "seconds_left": None, "share": 0.0}
        now = status.model_copy(update=still)
        if now != before:
            yield status
        before = now


def follow(statuses: Iterable[Status], log: Path, display: Display) -> Status:
    """Show what a job shows on its own terminal, until it ends.

    Args:
        statuses: of the job, at least one.
        log: its lines; those to come are shown.
        display: what to show it on.

    Returns:
        The last status.
    """
    with log.open(encoding="utf-8") if log.exists() else StringIO() as lines:
        lines.seek(0, os.SEEK_END)
        for status in statuses:
            for line in lines:
                display.line(line.rstrip("\n"))
            if status.state == "running" and status.activity is not None:
                display.show(status)
            else:
                display.clear()
    return status


def _state(status: Status, now: float) -> str:
    told: str = status.state
    if told == "running" and status.pid:
        lasted = duration(max(0.0, now - status.began))
        told = f"running for {lasted}, process {status.pid} on {status.host}"
    if told == "interrupted":
        told = "interrupted; the same secateur run goes on"
    return f"{told}: {status.reason}" if status.reason else told


def _stage(status: Status) -> str:
    return f"{status.stage}, {status.place} of {len(status.stages)}" if status.stage else "none yet"


def _cost(cost: Spent) -> str:
    _, cpu, gpu = cost.hours
    gpus = f" and {rounded(gpu, 2)} GPU-hours" if gpu else ""
    return f"{rounded(cpu, 2)} CPU-hours{gpus} in {duration(cost.seconds)}" if cost.seconds else ""


def _statuses(home: Path) -> Iterator[tuple[Path, Status]]:
    """The folders of all jobs, and how they stand."""
    for folder in jobs(home):
        with suppress(JobConflictError):  # removed, or restarted, a moment ago
            yield folder, read(folder)


def _row(name: str, status: Status, now: float) -> tuple[str, ...]:
    activity = status.activity
    done = "" if activity is None else fields(status, activity)[0][1]
    left = "" if status.seconds_left is None else duration(status.seconds_left)
    heard = f"{duration(max(0.0, now - status.heard))} ago"
    return (name, status.state, _stage(status), done, left, heard)


def _logs(folder: Path) -> dict[str, str]:
    """Files to look into, by what they are."""
    return {
        name: file
        for name, file in (("log", LOG), ("Ray's log", RAY_LOG))
        if (folder / file).exists()
    }


def _dumps(value: object) -> str:
    return json.dumps(value, indent=1)
