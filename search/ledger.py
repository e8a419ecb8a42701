"""A job's folder: the spec it was begun with and the record of every finished stage."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from search.mirror import LINEAGE
from secateur.errors import JobConflictError
from secateur.records import Record
from secateur.scratch import whole
from secateur.spec import AnySpec, CommonSpec, GenerationSpec, JobSpec, LimitsSpec

T = TypeVar("T")
Spec = TypeVar("Spec", bound=CommonSpec)

_KINDS: dict[type[CommonSpec], str] = {
    JobSpec: "a job of a classifier or a regression",
    GenerationSpec: "a job of a generator",
}

_LAST_FIRST = ("publish", "evaluate", "recover", "finetune", "prune", "search")
"""Records of the stages of all kinds of jobs."""

_TRIES = 10
_PAUSE_S = 0.02
"""Who asks whether a job is held keeps its lock for an instant; a job waits for that."""


class Beginning(Record):
    """How a job was begun.

    Attributes:
        id: unique to this beginning.
        spec: what is to be done.
    """

    id: str
    spec: AnySpec


class Ledger:
    """Reads and writes the records of one job.

    Args:
        folder: of the job, e.g. ``runs/digits``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new = False

    @contextmanager
    def held(
        self,
        spec: AnySpec,
        *,
        restart: bool = False,
        farewell: Callable[[], None] = lambda: None,
    ) -> Iterator[None]:
        """Hold the job for this process, or refuse.

        Args:
            spec: what is to be done.
            restart: discard what was done before.
            farewell: called before that is discarded.

        Raises:
            JobConflictError: another process runs the job, or it was begun with another spec,
                limits left out.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            if not any(_taken(lock) for _ in range(_TRIES)):
                raise JobConflictError(
                    f"name: '{spec.name}' is being run by another process; "
                    "wait for it or choose another name"
                )
            if restart:
                farewell()
                self._clear()
            self._settle(spec)
            yield

    def withdraw(self) -> None:
        """Let go of the name of a job that was refused: what is mended may take it.

        Nothing is done to one that was begun before this process held it.
        """
        if self._new:
            (self.folder / "job.json").unlink()

    def is_held(self) -> bool:
        """Whether a process runs the job now; one that was killed holds nothing."""
        try:
            lock = (self.folder / ".lock").open()
        except FileNotFoundError:
            return False
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def check(self) -> None:
        """Refuse where there is no job.

        Raises:
            JobConflictError: there is none.
        """
        if not (self.folder / "job.json").exists():
            raise self._no_job()

    def _no_job(self) -> JobConflictError:
        known = sorted(path.parent.name for path in self.folder.parent.glob("*/job.json"))
        return JobConflictError(
            f"{self.folder}: no job here; expected one of: {', '.join(known) or 'none yet'}"
        )

    def spec(self) -> AnySpec:
        """The spec that the job was begun with.

        Raises:
            JobConflictError: there is no such job.
        """
        return self._beginning().spec

    def spec_of(self, kind: type[Spec]) -> Spec:
        """The spec of a job that is of one kind.

        Raises:
            JobConflictError: there is no such job, or it is of another kind.
        """
        spec = self.spec()
        if not isinstance(spec, kind):
            raise JobConflictError(f"{self.folder}: {_KINDS[type(spec)]}; expected {_KINDS[kind]}")
        return spec

    @property
    def id(self) -> str:
        """Tells this beginning of the job from those that were discarded."""
        return self._beginning().id

    def read(self, stage: str, kind: type[T]) -> T | None:
        """The record of a stage, or nothing if it has not finished.

        Raises:
            JobConflictError: the record is not one of this version's.
        """
        path = self.folder / f"{stage}.json"
        try:
            return TypeAdapter(kind).validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValidationError as error:
            raise JobConflictError(
                f"{path}: not a record of this version ({error.errors()[0]['msg']}); "
                "pass --restart to discard the job"
            ) from None

    def has(self, stage: str) -> bool:
        """Whether a stage has finished, whatever its record is."""
        return (self.folder / f"{stage}.json").exists()

    def write(self, stage: str, kind: type[T], record: T) -> None:
        """Keep the record of a stage that finished, whole or not at all."""
        with whole(self.folder / f"{stage}.json") as partial, partial.open("wb") as file:
            file.write(TypeAdapter(kind).dump_json(record, indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _beginning(self) -> Beginning:
        found = self.read("job", Beginning)
        if found is None:
            raise self._no_job()
        return found

    def _clear(self) -> None:
        """Remove all but the lock and the lineage.

        Where that is cut off, what is left is the job as it was after an earlier stage, and
        ``job.json``, which goes last, still says of which spec it is.
        """
        for stage in _LAST_FIRST:
            (self.folder / f"{stage}.json").unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in (".lock", LINEAGE, "job.json"):
                path.unlink()
        (self.folder / "job.json").unlink(missing_ok=True)

    def _settle(self, spec: AnySpec) -> None:
        found = self.read("job", Beginning)
        self._new = found is None
        if found is None:
            self.write("job", Beginning, Beginning(id=uuid4().hex, spec=spec))
        elif (before := _unlimited(found.spec)) != (now := _unlimited(spec)):
            field = _first_difference(before.model_dump(), now.model_dump())
            raise JobConflictError(
                f"name: '{spec.name}' was begun with another {field}; choose another name, "
                f"or pass --restart to discard {self.folder}"
            )
        elif found.spec != spec:
            self.write("job", Beginning, found.model_copy(update={"spec": spec}))


def _unlimited(spec: AnySpec) -> AnySpec:
    """The spec without its limits: they may change while a job is interrupted."""
    return spec.model_copy(update={"limits": LimitsSpec()})


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_PAUSE_S)
        return False
    return True


def _first_difference(before: dict[str, object], after: dict[str, object], path: str = "") -> str:
    for field, value in after.items():
        other, here = before.get(field), f"{path}{field}"
        if isinstance(value, dict) and isinstance(other, dict) and value != other:
            return _first_difference(other, value, f"{here}.")
        if value != other:
            return f"{here} ({other!r}, now {value!r})"
    return path.rstrip(".") or "spec"
