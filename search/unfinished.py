"""Trainings of trials that have not ended, so that one that is tried again goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from search.history import STATE
from search.observer import Silent
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
class PacedCheckpoint(Checkpoint):
    """A checkpoint with this difference: it is kept after an epoch only when that is due."""

    pace: Pace

    def keep(self, state: TrainingState, metrics: Iterable[EpochMetrics]) -> None:
        """As ``Checkpoint``, or nothing."""
        if self.pace.due:
            with self.pace.taken():
                self.write(state, metrics)

    def write(self, state: TrainingState, metrics: Iterable[EpochMetrics]) -> None:
        """Keep it now."""
        super().keep(state, metrics)


@dataclass(frozen=True)
class StoredCheckpoint(PacedCheckpoint):
    """A paced checkpoint with this difference: it is kept in the storage, ``path`` is a copy.

    A storage that does not answer costs nothing but the progress since the last time it did.
    """

    storage: Storage
    name: str

    def restore(self, state: TrainingState) -> list[EpochMetrics]:
        """As ``Checkpoint``."""
        with suppress(OSError):
            self.path.write_bytes(objects.read(self.storage.files(_ATTEMPTS), self.name))
        return super().restore(state)

    def write(self, state: TrainingState, metrics: Iterable[EpochMetrics]) -> None:
        """As ``PacedCheckpoint``."""
        super().write(state, metrics)
        with suppress(OSError):
            objects.write(self.storage.files(_ATTEMPTS), self.name, self.path.read_bytes())


@contextmanager
def checkpoint(folder: Path, trial: str, seconds: float) -> Iterator[Checkpoint]:
    """Where a trial keeps its training, for an attempt at it that comes after this one.

    Args:
        folder: of the job.
        trial: its name.
        seconds: from one time that it is kept to the next.
    """
    storage, pace = Storage.find(os.environ), Pace(seconds)
    if storage is None:
        yield PacedCheckpoint(folder / FOLDER / trial, pace)
        return
    with TemporaryDirectory() as scratch:
        name = f"{storage.base_of(folder)}/{FOLDER}/{trial}"
        yield StoredCheckpoint(Path(scratch, trial), pace, storage, name)


class Forgetter(Silent):
    """Listens to trials: what one that has ended kept of its training is removed.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, trial: str, *_: Any, **__: Any) -> None:
        """The process that heard of its end may have been killed right then."""
        self._forget(trial)

    def ended(self, trial: str, **_: Any) -> None:
        """Nobody tries it again."""
        self._forget(trial)

    def _forget(self, trial: str) -> None:
        storage = Storage.find(os.environ)
        if storage is None:
            (self._folder / FOLDER / trial).unlink(missing_ok=True)
            return
        with suppress(OSError):
            name = f"{storage.base_of(self._folder)}/{FOLDER}/{trial}"
            objects.remove(storage.files(_ATTEMPTS), name)
