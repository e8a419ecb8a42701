"""A copy of a folder in the storage, brought up to date file by file."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from secateur.scratch import whole
from secateur.storage import objects

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

Mark = tuple[int, int]
"""Time of the last change in nanoseconds, and size, of a file that was kept."""

# What a file or folder that was removed a moment ago is told by.
_GONE = (FileNotFoundError, NotADirectoryError)


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
            for name in set(self._marks(self._files_here())) - set(there):
                (self.folder / name).unlink(missing_ok=True)
                self._kept.pop(name, None)
            for name in there:
                self._fetch(name)
            return True

    def keep(self) -> int:
        """Bring the copy up to the folder.

        Records, which are JSON files right in the folder, say that other files are complete:
        they are read before the others are looked for and sent after them, and these in the
        order in which they were written.  So the copy is one that the folder could have been.

        Returns:
            How many files were sent.

        Raises:
            OSError: the storage does not answer; what was sent until then need not be again.
        """
        with self._lock:
            records = [
                (name, mark, self._content(name))
                for name, mark in self._changed(self._marks(self.folder.glob("*.json")))
            ]
            here = self._marks(self._files_here())
            others = [one for one in self._changed(here) if not _is_record(one[0])]
            for name, mark in sorted(others, key=lambda one: one[1]):
                self._send(name, self._content(name), mark)
            for name, mark, content in records:
                self._send(name, content, mark)
            for name in self._kept.keys() - here.keys():
                objects.remove(self._files, f"{self._base}/{name}")
                del self._kept[name]
            return len(others) + len(records)

    def clear(self) -> None:
        """Remove the copy.

        Raises:
            OSError: the storage does not answer.
        """
        with self._lock:
            for name in self._there():
                objects.remove(self._files, f"{self._base}/{name}")
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
        with whole(path) as partial:
            partial.write_bytes(content)
        self._kept[name] = _mark(path.stat())

    def _content(self, name: str) -> bytes | None:
        """A file of the folder; nothing where it was removed a moment ago."""
        try:
            return (self.folder / name).read_bytes()
        except _GONE:
            return None

    def _files_here(self) -> Iterator[Path]:
        """All files below the folder but half-written ones, while stages add and remove some."""
        for top, folders, files in os.walk(self.folder, onerror=_unless_gone):
            folders[:] = [name for name in folders if not _is_half_written(name)]
            yield from (Path(top, name) for name in files)

    def _marks(self, paths: Iterable[Path]) -> dict[str, Mark]:
        """Marks by name of those of some files that are this shelf's, and are still there."""
        found = {}
        for path in paths:
            name = path.relative_to(self.folder).as_posix()
            if self._mine(name):
                with suppress(*_GONE):
                    status = path.stat()
                    if stat.S_ISREG(status.st_mode):
                        found[name] = _mark(status)
        return found

    def _changed(self, marks: Mapping[str, Mark]) -> list[tuple[str, Mark]]:
        return [(name, mark) for name, mark in marks.items() if self._kept.get(name) != mark]

    def _there(self) -> Iterator[str]:
        from pyarrow.fs import FileType

        for entry in objects.listing(self._files, self._base, recursive=True):
            name = entry.path.removeprefix(f"{self._base}/")
            if entry.type == FileType.File and self._mine(name):
                yield name

    def _mine(self, name: str) -> bool:
        if any(map(_is_half_written, PurePath(name).parts)):
            return False
        if any(fnmatch(name, pattern) for pattern in self._never):
            return False
        return any(fnmatch(name, pattern) for pattern in self._only)


def _is_half_written(part: str) -> bool:
    return part.startswith((".", "partial-")) or part.endswith(".partial")


def _unless_gone(error: OSError) -> None:
    """Raise why a folder cannot be listed: its files would be taken for removed."""
    if not isinstance(error, _GONE):
        raise error


def _is_record(name: str) -> bool:
    return "/" not in name and name.endswith(".json")


def _mark(status: os.stat_result) -> Mark:
    return status.st_mtime_ns, status.st_size
