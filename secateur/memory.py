"""A bound on what this process may allocate."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GIGABYTE = 10**9

_granted: list[float | None] = [None]
"""What those ask for that are inside of ``bounded`` now, the innermost last."""


def granted() -> float | None:
    """What this process was bounded to last, in 10⁹ bytes: for helpers that it starts."""
    return _granted[-1]


@contextmanager
def bounded(gigabytes: float | None) -> Iterator[None]:
    """Let this process allocate so much more than it has now, and fail with MemoryError beyond.

    The kernel counts private writable memory (``RLIMIT_DATA``, see setrlimit(2)): what numpy
    and torch allocate, not what processes share, as Ray's objects. The bound of before holds
    again afterwards. Where ``/proc`` does not tell what the process has, nothing is bounded.

    Args:
        gigabytes: in 10⁹ bytes; null bounds nothing.

    Raises:
        MemoryError: from inside, where more is asked for; torch raises RuntimeError.
    """
    held = _held()
    if gigabytes is None or held is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = held + round(gigabytes * _GIGABYTE)
    bound = min([most, *(one for one in (soft, hard) if one != resource.RLIM_INFINITY)])
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    _granted.append(gigabytes)
    try:
        yield
    finally:
        _granted.pop()
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held(status: Path = Path("/proc/self/status")) -> int | None:
    """Bytes that count against the bound; nothing where the system does not tell."""
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in lines if line.startswith("VmData:")), None)
    return None if kilobytes is None else int(kilobytes) * 1024
