"""The folders that a spec may name paths in, where one who sends it is not one who may read all.

What is held in them is what a spec says, not who may write there: a link or a file that is
exchanged after the check is read like any other.  `docs/storage.md` says what is promised.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from secateur.errors import SpecError
from secateur.spec import AnySpec

ROOTS = "SECATEUR_ROOTS"
"""Names the folders in the environment, parted by ``:``."""

_PLAIN = (stat.S_IFREG, stat.S_IFDIR)


@dataclass(frozen=True)
class Roots:
    """Folders, everything below which may be named.

    Attributes:
        folders: absolute; a folder that is a link stands for what it leads to. None at all
            lets a spec name no path.
    """

    folders: tuple[Path, ...] = ()

    @classmethod
    def find(cls, environment: Mapping[str, str]) -> Self | None:
        """Those that ``SECATEUR_ROOTS`` names; nothing where it is unset.

        Raises:
            SpecError: one of them is no absolute path.
        """
        given = environment.get(ROOTS)
        if given is None:
            return None
        folders = tuple(Path(part) for part in given.split(os.pathsep) if part)
        for folder in folders:
            if not folder.is_absolute():
                raise SpecError(ROOTS, str(folder), "absolute folders, parted by ':'")
        return cls(folders)

    def check(self, spec: AnySpec) -> None:
        """Refuse a spec that names a path outside; one that is not there yet is let through.

        A path is any value that could be read as one, so that no field can be forgotten.  In
        a folder that is named, links are followed wherever they lead.

        Raises:
            SpecError: a path is relative, or leads out of the roots, or something in a
                folder does, or is neither a file nor a folder.
        """
        real = tuple(os.path.realpath(folder) for folder in self.folders)
        for field, value in _named(spec):
            self._check_path(field, value, real)

    def _check_path(self, field: str, value: str, real: tuple[str, ...]) -> None:
        if not os.path.isabs(value) or "\0" in value:
            raise SpecError(field, value, self._expected)
        top = os.path.realpath(value)
        if not _inside(top, real):
            raise SpecError(field, value, self._expected)
        for entry in _odd(top, real):
            expected = f"files and folders {self._where}, unlike {entry}"
            raise SpecError(field, value, expected)

    @property
    def _where(self) -> str:
        return f"inside {' or '.join(map(str, self.folders))} ({ROOTS})"

    @property
    def _expected(self) -> str:
        if not self.folders:
            return f"no path at all: {ROOTS} names no folder to read from"
        return f"an absolute path {self._where}, links followed"


def _named(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every field whose value could be read as a path, with its name as a user wrote it."""
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                yield from _named(getattr(value, name), f"{field}.{name}" if field else name)
        case tuple() | list():
            for place, part in enumerate(value):
                yield from _named(part, f"{field}.{place}")
        case Path():
            yield field, str(value)
        case str() if "/" in value or value.startswith((".", "~")):
            yield field, value
        case _:
            pass


def _inside(real_path: str, real: tuple[str, ...]) -> bool:
    return any(os.path.commonpath((real_path, root)) == root for root in real)


def _odd(top: str, real: tuple[str, ...]) -> Iterator[str]:
    """What lies at or below a path and leads out, or could keep a reader waiting for ever.

    Ordinary files are known by their folder's listing, without a look at each.

    Args:
        top: without a link in it.
        real: folders, without links in them.
    """
    seen, left = {top}, [top]
    while left:
        here = left.pop()
        kind = _kind(here)
        if kind not in _PLAIN:
            yield here
        for entry in _entries(here) if kind == stat.S_IFDIR else ():
            if entry.is_file(follow_symlinks=False):
                continue
            found = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if not _inside(found, real):
                yield entry.path
            elif found not in seen:
                seen.add(found)
                left.append(found)


def _kind(path: str) -> int:
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except OSError:  # not there, or not to be read: its reader says so
        return stat.S_IFREG


def _entries(path: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            yield from entries
    except OSError:  # not to be read: its reader says so
        return
