"""Why work on Ray's workers failed, in one line."""

from __future__ import annotations

from ray.exceptions import (
    NodeDiedError,
    OutOfMemoryError,
    RayActorError,
    RayTaskError,
    WorkerCrashedError,
)

from secateur.errors import SecateurError

OUT_OF_MEMORY = "Ray ended its process because the machine was short of memory"
SILENT = "it reported nothing for limits.silence_seconds, and its process was ended"
DIED = "its process died"
LOST = "its node was lost"

_LONGEST = 200


def cause(error: BaseException) -> BaseException:
    """What a worker raised; the error itself where it is not one of a worker's."""
    found = error.cause if isinstance(error, RayTaskError) else None
    return found if isinstance(found, BaseException) else error


def told(error: BaseException) -> str:
    """The reason in one line, without the traceback that Ray puts into its texts."""
    found = cause(error)
    if isinstance(found, SecateurError):
        return _first_line(found)
    if isinstance(found, OutOfMemoryError) or OUT_OF_MEMORY in str(found):
        return OUT_OF_MEMORY
    if isinstance(found, NodeDiedError):
        return LOST
    if isinstance(found, RayActorError | WorkerCrashedError):
        # Nothing but a watchdog ends a trial's process so.
        return SILENT if "`ray.kill`" in str(found) else DIED
    return f"{type(found).__name__}: {_first_line(found)}".removesuffix(": ")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [""]
    return lines[0] if len(lines[0]) <= _LONGEST else f"{lines[0][: _LONGEST - 1]}…"
