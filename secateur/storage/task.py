"""What a task on a worker keeps, so that one that goes on elsewhere finds it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from secateur.errors import StageError
from secateur.storage import objects
from secateur.storage.place import Storage
from secateur.storage.shelf import Shelf


class TaskShelf:
    """A folder of a job that one task at a time writes into, and others read.

    Where there is no storage the folder is shared, or the cluster is one machine: nothing
    is done.

    Args:
        folder: inside of the home.
        only: patterns of paths, relative to the folder, where it is not the task's alone.
    """

    def __init__(self, folder: Path, *only: str) -> None:
        self._storage, self._name = Storage.find(os.environ), uuid4().hex
        if self._storage is not None:
            self._files, self._base = self._storage.files(), self._storage.base_of(folder)
            quoted = (quote(part, safe="") for part in only)
            self._attempt = "-".join((f"{self._base}/.attempt", *quoted))
            self._shelf = Shelf(self._files, self._base, folder, only or ("*",))

    def fetch(self) -> None:
        """Make the folder what was last kept of it, if anything was.

        Raises:
            StorageError: the storage does not answer.
        """
        if self._storage is not None:
            self._storage.asked(self._shelf.fetch)

    def begin(self) -> None:
        """As ``fetch``, and let no earlier attempt at the same task keep anything from now on.

        Raises:
            StorageError: the storage does not answer.
        """
        if self._storage is not None:
            own = self._name.encode()
            self._storage.asked(lambda: objects.write(self._files, self._attempt, own))
            self.fetch()

    def keep(self) -> None:
        """Keep what has changed; returns when it is kept.

        Raises:
            StageError: another attempt has begun; nobody waits for what this one does.
            StorageError: the storage does not answer.
        """
        if self._storage is None:
            return
        last = self._storage.asked(lambda: objects.read(self._files, self._attempt)).decode()
        if last != self._name:
            raise StageError(
                f"{self._base}: attempt {last} has begun since {self._name} did; "
                "only the last one may write there"
            )
        self._storage.asked(self._shelf.keep)
