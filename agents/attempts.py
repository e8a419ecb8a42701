"""What is left of an agent whose process was given up, and yet goes on for a while.

Where a node does not answer, Ray starts its tasks again elsewhere; a process of the old node that
was only cut off, or stopped, is then beside its own second attempt, in the same folder.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from secateur.errors import StageError
from secateur.scratch import whole

_FILE = "attempt"


class Attempt:
    """One attempt at what keeps its state in a folder; it ends all earlier ones.

    Args:
        folder: of the state; it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._name = folder / _FILE, uuid4().hex
        with whole(self._file) as fresh:
            fresh.write_text(self._name, encoding="ascii")

    def check(self) -> None:
        """Let the last attempt alone go on.

        Raises:
            StageError: another has begun since; nobody waits for what this one does.
        """
        last = self._file.read_text(encoding="ascii")
        if last != self._name:
            raise StageError(
                f"{self._file}: attempt {last} has begun since {self._name} did; "
                "only the last one may write here"
            )
