"""Where Tune keeps a search: in the job's folder, or in the storage."""

from __future__ import annotations

import atexit
import os
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from pyarrow.fs import FileSystem
from ray import tune

from search.history import STATE
from search.listeners import TrialListener
from search.mirror import Mirror
from search.whole_files import whole_files
from secateur.storage.place import Storage


def place(folder: Path) -> tuple[str, FileSystem]:
    """Where Tune is to keep the search of a job: a path, and its file system.

    Args:
        folder: of the job.
    """
    storage = Storage.find(os.environ)
    if storage is None:
        return str(folder.absolute()), whole_files()
    return storage.base_of(folder), storage.files()


def begun(folder: Path) -> bool:
    """Whether a job has a search that can go on."""
    path, files = place(folder)
    storage = Storage.find(os.environ)
    there = partial(tune.Tuner.can_restore, f"{path}/{STATE}", files)
    return bool(there() if storage is None else storage.asked(there))


def files_of(checkpoint: tune.Checkpoint) -> Path:
    """A folder with the files of a checkpoint, on this machine."""
    if Storage.find(os.environ) is None:
        return Path(checkpoint.path)
    return Path(checkpoint.to_directory(mkdtemp(dir=_scratch())))


@cache
def _scratch() -> str:
    """A folder for this process, gone with it."""
    folder = TemporaryDirectory(prefix="checkpoints-")
    atexit.register(folder.cleanup)
    return folder.name


class EndKeeper(TrialListener):
    """Listens to trials: what is recorded of one is kept before Tune notes that it has ended.

    Else a job that goes on elsewhere would know of a trial that the tracker never heard of.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ended(self, trial: str, *, failed: bool) -> None:
        """Keep it."""
        if self._folder in Mirror.active:
            Mirror.active[self._folder].keep()
