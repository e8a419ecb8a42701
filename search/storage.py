"""Jobs that are kept in a storage: held and kept while they run, and fetched to be looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from search.mirror import WORKERS, Mirror, lineage_here, lineage_there
from secateur.errors import SpecError
from secateur.storage import objects
from secateur.storage.place import Storage
from secateur.storage.shelf import Shelf

TRACKING = "MLFLOW_TRACKING_URI"

STATUS = ("*.json", "progress.log")
"""What tells how a job stands."""


@contextmanager
def mirrored(folder: Path, tell: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Hold a job in the storage, if there is one, and keep a copy of its folder there.

    The folder is first made what the last holder left, who may have been on another machine.

    Args:
        folder: of the job.
        tell: takes lines for people, from another thread.

    Yields:
        What removes the copy, for a job that is to begin anew.

    Raises:
        JobConflictError: another process holds the job.
        SpecError: there is no such bucket, no right to write to it, or no tracking server
            that all machines see.
        StorageError: the storage does not answer.
    """
    storage = Storage.find(os.environ)
    if storage is None:
        yield lambda: None
        return
    if not os.environ.get(TRACKING):
        expected = "the address of a tracking server, since a job may go on on another machine"
        raise SpecError(TRACKING, "nothing", expected)
    mirror = Mirror(storage, folder, tell)
    with mirror.held():
        yield mirror.clear


def fetch(folder: Path, *only: str) -> None:
    """Make a job's folder what the storage has of it, to be looked at.

    Where this machine wrote to it last, or there is no storage, it is left as it is.

    Args:
        folder: of the job.
        only: patterns of paths in it; everything but the workers' files where there is none.

    Raises:
        SpecError: there is no such bucket, or no right to read it.
        StorageError: the storage does not answer.
    """
    storage = Storage.find(os.environ)
    if storage is None or not folder.is_relative_to(storage.home):
        return
    files, base = storage.files(attempts=3), storage.base_of(folder)
    shelf = Shelf(files, base, folder, only or ("*",), never=WORKERS)

    def newer() -> None:
        there = lineage_there(files, base)
        if there is not None and there != lineage_here(folder):
            shelf.fetch()

    storage.asked(newer)


def fetch_all(home: Path, *only: str) -> None:
    """As ``fetch``, for all jobs of a home."""
    storage = Storage.find(os.environ)
    if storage is None or storage.home != home:
        return
    files = storage.files(attempts=3)
    for name in storage.asked(lambda: objects.folders(files, storage.base)):
        fetch(home / name, *only)
