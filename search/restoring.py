"""A search goes on where Tune itself gave up, as long as that leads anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agents import failures
from search import disk, traces
from secateur.errors import SecateurError, StageError

T = TypeVar("T")

ATTEMPTS = 3
"""So often in a row a search may break without that a trial ended in between."""


def persistently(
    play: Callable[[], T], ended: Callable[[], int], folder: Path, tell: Callable[[str], None]
) -> T:
    """Play, and play again when that breaks.

    Args:
        play: goes on where it broke; what it raises from the tree of errors is final.
        ended: trials that have come to an end so far.
        folder: of the job.
        tell: takes a line for people whenever it broke.

    Raises:
        DiskError: it broke because the disk is full.
        StageError: it broke ``ATTEMPTS`` times and no trial ended in between.
    """
    broken, before = 0, ended()
    while True:
        try:
            return play()
        except SecateurError:
            raise
        except Exception as error:
            if disk.out_of_room(error):
                raise disk.filled(folder) from error
            broken = broken + 1 if ended() == before else 1
            before, reason = ended(), _told(error)
            traces.keep(folder, error)
            if broken == ATTEMPTS:
                raise StageError(
                    f"search: broke {ATTEMPTS} times and no trial ended in between: {reason}; "
                    f"see {folder / traces.FILE}, the same command goes on from here"
                ) from error
            tell(f"search: broke ({reason}), goes on from its last snapshot")


def _told(error: Exception) -> str:
    """The reason in one line; Tune hands on whole tracebacks, whose last line counts."""
    lines = str(error).strip().splitlines()
    if lines and lines[0].startswith("Traceback"):
        return lines[-1]
    return failures.told(error)
