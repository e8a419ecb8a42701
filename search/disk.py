"""Room on the disk that a job keeps everything on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from secateur.errors import DiskError

_GIGABYTE = 10**9
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SAID = ("No space left on device", "database or disk is full")
"""What is left of the error where a library has made text of it, SQLite the latter."""


def free(folder: Path) -> float:
    """Space that this process may still fill where ``folder`` is or will be, in 10⁹ bytes."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize / _GIGABYTE


def check(folder: Path, gigabytes: float) -> None:
    """Refuse to go on where less is free.

    Args:
        folder: of the job.
        gigabytes: least free space, in 10⁹ bytes.

    Raises:
        DiskError: there is less.
    """
    if (left := free(folder)) < gigabytes:
        raise DiskError(
            f"limits.disk_gb: {left:.2g} GB are free for {folder}; expected {gigabytes:g} or "
            "more: make room, and the same command goes on"
        )


def out_of_room(error: BaseException) -> bool:
    """Whether an error, or what it was raised from, says that a disk is full."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return True
        if any(said in str(seen) for said in _SAID):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def filled(place: Path | str) -> DiskError:
    """The error of a job whose disk was full when it had something to keep.

    Args:
        place: file or folder on that disk.
    """
    return DiskError(
        f"{place}: no space left on this disk; make room, and the same command goes on"
    )
