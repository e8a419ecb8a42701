"""Processor time and memory of a server with all of its processes, from Linux' /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/PID/stat behind the name in brackets, which may hold spaces.
_PARENT, _USER, _SYSTEM, _RESIDENT = 1, 11, 12, 21


@dataclass(frozen=True)
class Footprint:
    """Of a process and those below it.

    Attributes:
        cpu_seconds: that they have taken, those of children that ended included.
        resident_bytes: in memory; pages that two share count twice.
        processes: how many there are.
    """

    cpu_seconds: float
    resident_bytes: int
    processes: int


def footprint(root: int) -> Footprint:
    """Of the process ``root`` and everything that it started."""
    stats = {pid: fields for pid in tree(root) if (fields := _stat(pid))}
    # User and system time of the process, then the same of its children that ended.
    ticks = sum(int(tick) for one in stats.values() for tick in one[_USER : _SYSTEM + 3])
    pages = sum(int(one[_RESIDENT]) for one in stats.values())
    return Footprint(ticks / _TICKS, pages * _PAGE, len(stats))


def tree(root: int) -> list[int]:
    """``root`` and the processes below it."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
        if fields := _stat(pid):
            children.setdefault(int(fields[_PARENT]), []).append(pid)
    found = [root]
    for pid in found:  # grows as it is walked
        found += children.get(pid, ())
    return found


def named(root: int, word: str) -> list[int]:
    """The processes of ``tree`` whose command line holds ``word``."""
    return [pid for pid in tree(root) if word in _read(pid, "cmdline")]


def _pids() -> Iterator[int]:
    return (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    return _read(pid, "stat").rpartition(")")[2].split()


def _read(pid: int, name: str) -> str:
    """Content of a file of a process; empty where the process has ended."""
    try:
        return (_PROC / str(pid) / name).read_text(errors="replace")
    except OSError:
        return ""
