"""Trainings of trials that have not ended, so that one that is tried again goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from pyarrow.fs import FileSystem, LocalFileSystem
from ray import tune

from search.history import STATE
from search.listeners import TrialEnd, TrialListener
from secateur.records import EpochMetrics
from secateur.storage import objects
from secateur.storage.place import Storage
from secateur.training.checkpoint import Checkpoint, TrainingState

FOLDER = f"{STATE}/unfinished"
"""Below the job's folder, with a file a trial."""

_SHARE = 20
"""A twentieth of the time."""

_ATTEMPTS = 3


class Pace:
    """How often to do what costs time: at most a twentieth of it.

    Args:
        seconds: that must pass before the first time, and from one time to the next.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self._next

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Around what is done."""
        began = time.monotonic()
        yield
        over = time.monotonic()
        self._next = over + max(self._seconds, _SHARE * (over - began))


@dataclass(frozen=True)
class Unfinished:
    """The file with the training of a trial that has not ended.

    Attributes:
        path: of the file on this machine.
        pace: of its writing.
    """

    path: Path
    pace: Pace

    def fetch(self) -> None:
        """Bring here what was kept elsewhere: it is here, if anywhere."""

    @contextmanager
    def written(self) -> Iterator[None]:
        """Around the writing of the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.pace.taken():
            yield
            self.send()

    def send(self) -> None:
        """Keep what was written where other machines find it: here."""


@dataclass(frozen=True)
class StoredUnfinished(Unfinished):
    """An unfinished training with this difference: it is kept in the storage, ``path`` is a copy.

    A storage that does not answer costs nothing but the progress since the last time it did.

    Attributes:
        storage: of the job.
        name: of the object.
    """

    storage: Storage
    name: str

    def fetch(self) -> None:
        """As ``Unfinished``."""
        with suppress(OSError):
            self.path.write_bytes(objects.read(self.storage.files(_ATTEMPTS), self.name))

    def send(self) -> None:
        """As ``Unfinished``."""
        with suppress(OSError):
            objects.write(self.storage.files(_ATTEMPTS), self.name, self.path.read_bytes())


@contextmanager
def unfinished(folder: Path, seconds: float) -> Iterator[Unfinished]:
    """Where the trial of this process keeps its training, for an attempt that comes after it.

    Args:
        folder: of the job.
        seconds: from one time that it is kept to the next.
    """
    trial = tune.get_context().get_trial_id()
    storage, pace = Storage.find(os.environ), Pace(seconds)
    if storage is None:
        yield Unfinished(folder / FOLDER / trial, pace)
        return
    with TemporaryDirectory() as scratch:
        name = f"{storage.base_of(folder)}/{FOLDER}/{trial}"
        yield StoredUnfinished(Path(scratch, trial), pace, storage, name)


@dataclass(frozen=True)
class TrialCheckpoint(Checkpoint):
    """A checkpoint with this difference: it is kept after an epoch only when that is due.

    Attributes:
        place: where it is kept.
    """

    place: Unfinished

    @classmethod
    def of(cls, place: Unfinished) -> TrialCheckpoint:
        """That of a trial."""
        return cls(place.path, place)

    def restore(self, state: TrainingState) -> list[EpochMetrics]:
        """As ``Checkpoint``."""
        self.place.fetch()
        return super().restore(state)

    def keep(self, state: TrainingState, metrics: Iterable[EpochMetrics]) -> None:
        """As ``Checkpoint``, or nothing."""
        if self.place.pace.due:
            with self.place.written():
                super().keep(state, metrics)


class Forgetter(TrialListener):
    """Listens to trials: what one that has ended kept of its training is removed.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        storage = Storage.find(os.environ)
        self._folder = f"{folder}/{FOLDER}"
        self._files: FileSystem = LocalFileSystem()
        if storage is not None:
            self._folder = f"{storage.base_of(folder)}/{FOLDER}"
            self._files = storage.files(_ATTEMPTS)

    def kept(self, end: TrialEnd) -> None:
        """The process that heard of its end may have been killed right then."""
        if end.trial in self._left:
            self._forget(end.trial)

    def ended(self, trial: str, *, failed: bool) -> None:
        """Nobody tries it again."""
        self._forget(trial)

    def forget_all(self) -> None:
        """The search has ended: what attempts left that were killed as they wrote goes too."""
        with suppress(OSError):
            self._files.delete_dir(self._folder)

    @cached_property
    def _left(self) -> frozenset[str]:
        """The trials of which something lay there when the search went on: asked for once."""
        with suppress(OSError):
            there = objects.listing(self._files, self._folder)
            return frozenset(entry.base_name for entry in there)
        return frozenset()

    def _forget(self, trial: str) -> None:
        with suppress(OSError):
            objects.remove(self._files, f"{self._folder}/{trial}")
