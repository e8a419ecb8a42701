"""A copy of a folder in the storage, brought up to date file by file."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from uuid import uuid4

from secateur.storage import objects

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

Mark = tuple[int, int]
"""Time of the last change in nanoseconds, and size, of a file that was kept."""


class Shelf:
    """Keeps a copy of what one process writes into a folder.

    What is half-written, by its name, is left out: names that begin with a dot or with
    ``partial-``, or end in ``.partial``.

    Args:
        files: file system of the storage.
        base: path of the copy there.
        folder: that is kept.
        only: patterns of paths, relative to the folder; others are not this shelf's.
        never: patterns of paths that are not this shelf's either.
    """

    def __init__(
        self,
        files: FileSystem,
        base: str,
        folder: Path,
        only: tuple[str, ...] = ("*",),
        never: tuple[str, ...] = (),
    ) -> None:
        self._files, self._base, self.folder = files, base, folder
        self._only, self._never = only, never
        self._kept: dict[str, Mark] = {}
        self._lock = threading.Lock()

    def fetch(self) -> bool:
        """Make the folder what the copy is, unless there is none.

        Returns:
            Whether there is one.

        Raises:
            OSError: the storage does not answer.
        """
        with self._lock:
            there = list(self._there())
            if not there:
                return False
            for name in set(self._here()) - set(there):
                (self.folder / name).unlink()
            for name in there:
                self._fetch(name)
            return True

    def keep(self) -> int:
        """Bring the copy up to the folder.

        Records, which are JSON files right in the folder, say that other files are complete:
        they are read before the others and sent after them, and these in the order in which
        they were written.  So the copy is one that the folder could have been.

        Returns:
            How many files were sent.

        Raises:
            OSError: the storage does not answer; what was sent until then need not be again.
        """
        with self._lock:
            here = self._here()
            changed = [name for name, mark in here.items() if self._kept.get(name) != mark]
            records = [(name, self._content(name)) for name in changed if _is_record(name)]
            others = [name for name in changed if not _is_record(name)]
            for name in sorted(others, key=lambda name: here[name]):
                self._send(name, self._content(name), here[name])
            for name, content in records:
                self._send(name, content, here[name])
            for name in self._kept.keys() - here.keys():
                self._files.delete_file(f"{self._base}/{name}")
                del self._kept[name]
            return len(changed)

    def clear(self) -> None:
        """Remove the copy.

        Raises:
            OSError: the storage does not answer.
        """
        with self._lock:
            for name in self._there():
                self._files.delete_file(f"{self._base}/{name}")
            self._kept.clear()

    def _send(self, name: str, content: bytes | None, mark: Mark) -> None:
        if content is not None:
            objects.write(self._files, f"{self._base}/{name}", content)
            self._kept[name] = mark

    def _fetch(self, name: str) -> None:
        try:
            content = objects.read(self._files, f"{self._base}/{name}")
        except FileNotFoundError:  # removed a moment ago by who keeps it
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}-{uuid4().hex}")
        scratch.write_bytes(content)
        scratch.rename(path)
        self._kept[name] = _mark(path.stat())

    def _content(self, name: str) -> bytes | None:
        """A file of the folder; nothing where it was removed a moment ago."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def _here(self) -> dict[str, Mark]:
        found = {}
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if self._mine(name):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                if path.is_file():
                    found[name] = _mark(status)
        return found

    def _there(self) -> Iterator[str]:
        from pyarrow.fs import FileType

        for entry in objects.listing(self._files, self._base, recursive=True):
            name = entry.path.removeprefix(f"{self._base}/")
            if entry.type == FileType.File and self._mine(name):
                yield name

    def _mine(self, name: str) -> bool:
        parts = PurePath(name).parts
        if any(part.startswith((".", "partial-")) or part.endswith(".partial") for part in parts):
            return False
        if any(fnmatch(name, pattern) for pattern in self._never):
            return False
        return any(fnmatch(name, pattern) for pattern in self._only)


def _is_record(name: str) -> bool:
    return "/" not in name and name.endswith(".json")


def _mark(status: os.stat_result) -> Mark:
    return status.st_mtime_ns, status.st_size
