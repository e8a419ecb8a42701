"""The copy of a job's folder in the storage, kept up to date by the process that holds the job."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from secateur.storage import objects
from secateur.storage.hold import BEAT_S, Hold
from secateur.storage.place import Storage
from secateur.storage.shelf import Shelf

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

LINEAGE = ".lineage"
"""Names the last that wrote the copy; a folder with the same name is as new, or newer."""

WORKERS = ("tune/*", "agents/*")
"""What the driver does not keep: Tune and the agents do that themselves."""

_LAST_S = 120.0
_SHARE = 10
_LONGEST_PAUSE_S = 10.0


class Mirror:
    """The copy of a job's folder, kept by the process that holds the job.

    Args:
        storage: of the copy.
        folder: of the job.
        tell: takes lines for people, from another thread.
    """

    active: ClassVar[dict[Path, Mirror]] = {}
    """The mirrors of jobs that this process holds, by folder."""

    def __init__(self, storage: Storage, folder: Path, tell: Callable[[str], None]) -> None:
        self._storage, self._folder, self._tell = storage, folder, tell
        self._base, self._files = storage.base_of(folder), storage.files(attempts=3)
        self._shelf = Shelf(self._files, self._base, folder, never=WORKERS)
        self._hold = Hold(self._files, self._base, tell)
        self._away = self._lost = False
        self._over, self._left = threading.Event(), threading.Event()
        # Apart: keeping may take longer than a holder may be silent.
        self._keeper = threading.Thread(target=self._keep_on, name="storage", daemon=True)
        self._heart = threading.Thread(target=self._beat_on, name="hold", daemon=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the job and keep its copy.

        Raises:
            JobConflictError: another process holds it.
            SpecError: there is no such bucket, or no right to write to it.
            StorageError: the storage does not answer.
        """
        self._storage.check()
        self._storage.asked(self._hold.acquire)
        self._heart.start()
        try:
            self._storage.asked(self._catch_up)
            self.active[self._folder] = self
            self._keeper.start()
            try:
                yield
            finally:
                self._over.set()
                self._keeper.join()
                del self.active[self._folder]
                self._settle()
        finally:
            self._left.set()
            self._heart.join()
            with suppress(OSError):
                self._hold.release()

    def clear(self) -> None:
        """Remove the copy of a job that is to begin anew.

        Raises:
            StorageError: the storage does not answer.
        """
        everything = Shelf(self._files, self._base, self._folder)
        self._storage.asked(everything.clear)
        self._shelf = Shelf(self._files, self._base, self._folder, never=WORKERS)

    def keep(self) -> None:
        """Bring the copy up to date now; where the storage is away, when it answers again.

        Of a job that another process has taken over nothing is kept any more.
        """
        if self._lost:
            return
        try:
            self._shelf.keep()
        except OSError as error:
            if isinstance(error.errno, int):
                raise
            self._note(error)
        else:
            self._note(None)

    def _catch_up(self) -> None:
        """Make the folder that of the last holder, who may have been on another machine."""
        there = lineage_there(self._files, self._base)
        if there is not None and there == lineage_here(self._folder):
            return
        if there is not None:
            self._tell(f"goes on from {self._storage.address}")
            _empty(self._folder)
            self._shelf.fetch()
        own = uuid4().hex.encode()
        objects.write(self._files, f"{self._base}/{LINEAGE}", own)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / LINEAGE).write_bytes(own)

    def _beat_on(self) -> None:
        """Give signs of life, until the job is let go or lost."""
        while not self._left.wait(BEAT_S):
            with suppress(OSError):
                if self._hold.lost():
                    self._lost = True
                    self._tell(f"{self._folder.name}: taken over by another process; stopping")
                    os.kill(os.getpid(), signal.SIGINT)
                    return
                self._hold.beat()

    def _keep_on(self) -> None:
        """Keep what has changed, a tenth of the time at most, until the job ends."""
        pause = BEAT_S
        while not self._over.wait(pause):
            began = time.monotonic()
            with suppress(OSError):  # of the disk here, which the job meets itself
                self.keep()
            took = time.monotonic() - began
            pause = min(max(BEAT_S, _SHARE * took), _LONGEST_PAUSE_S)

    def _settle(self) -> None:
        """Keep the last of it, for as long as a storage may be away that is only restarted."""
        end = time.monotonic() + _LAST_S
        self.keep()
        while self._away and not self._lost and time.monotonic() < end:
            time.sleep(BEAT_S)
            self.keep()
        if self._away and not self._lost:
            self._tell(
                f"not all of it is in {self._storage.address}; it is in {self._folder}, "
                "and the same secateur run on this machine keeps it"
            )

    def _note(self, error: OSError | None) -> None:
        """Tell once that the storage is away, and once that it is back."""
        if error is not None and not self._away:
            told = objects.told(error, self._storage.address)
            self._tell(f"{told}; the job goes on, and what it keeps follows")
        if error is None and self._away:
            self._tell(f"{self._storage.address} answers again")
        self._away = error is not None


def lineage_there(files: FileSystem, base: str) -> bytes | None:
    """The lineage of the copy of a job; nothing where there is no copy."""
    try:
        return objects.read(files, f"{base}/{LINEAGE}")
    except FileNotFoundError:
        return None


def lineage_here(folder: Path) -> bytes | None:
    """The lineage of a job's folder; nothing where it has none."""
    file = folder / LINEAGE
    return file.read_bytes() if file.exists() else None


def _empty(folder: Path) -> None:
    """Remove what another machine has made obsolete, the lineage first."""
    (folder / LINEAGE).unlink(missing_ok=True)
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".lock":
            path.unlink()
