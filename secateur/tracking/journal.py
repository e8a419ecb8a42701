"""The operations of one job on disk, in order, and how far they were sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from secateur.errors import JobConflictError
from secateur.scratch import whole
from secateur.tracking.operations import AnyOperation

_OPERATION: TypeAdapter[AnyOperation] = TypeAdapter(AnyOperation)


@dataclass(frozen=True)
class Batch:
    """Some operations that follow each other.

    Attributes:
        operations: in order; at least one.
        end: position in the file behind the last of them.
        doubtful: whether an earlier process may have sent some of them already.
    """

    operations: tuple[AnyOperation, ...]
    end: int
    doubtful: bool


class Journal:
    """A file that grows by a line an operation, and a mark of what was sent.

    One process writes at a time, the one that holds the job; a thread of it may read.

    A line is handed to the system when ``append`` returns, not forced onto the disk: it outlives
    the process, whatever kills that, but the last seconds may be lost with the machine.  A job
    that goes on after that does those seconds again, so that a sync a line would buy nothing.

    Args:
        folder: for both files; made where it is absent.

    Raises:
        JobConflictError: while reading, of a line that is not an operation of this version.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._path, self._mark = folder / "operations.jsonl", folder / "sent"
        self._refused = folder / "refused.jsonl"
        self._file = self._path.open("ab", buffering=0)
        self._size = self._file.truncate(self._whole())
        self._file.seek(self._size)
        # Behind the end where the machine was lost with lines that had been sent already.
        self._sent = min(self._marked(), self._size)
        self._inherited = self._size

    def append(self, operation: AnyOperation) -> None:
        """Add an operation, whole or not at all.

        Raises:
            OSError: the disk is full.
        """
        line = operation.model_dump_json().encode() + b"\n"
        try:
            while rest := line[self._file.tell() - self._size :]:
                self._file.write(rest)
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(line)

    def __iter__(self) -> Iterator[AnyOperation]:
        """All operations, sent or not."""
        with self._path.open("rb") as file:
            for line in file:
                yield self._parsed(line)

    @property
    def size(self) -> int:
        """Position behind the last operation."""
        return self._size

    @property
    def sent(self) -> int:
        """Position behind the last operation that was sent."""
        return self._sent

    def unsent(self, limit: int) -> Batch | None:
        """The next operations that were not sent yet, at most ``limit``."""
        operations: list[AnyOperation] = []
        end = self._sent
        with self._path.open("rb") as file:
            file.seek(self._sent)
            for line in file:
                # Another thread may be in the middle of a line.
                if len(operations) == limit or not line.endswith(b"\n"):
                    break
                operations.append(self._parsed(line))
                end += len(line)
        if not operations:
            return None
        return Batch(tuple(operations), end, doubtful=self._sent < self._inherited)

    def mark(self, batch: Batch) -> None:
        """Note that a batch was sent."""
        with whole(self._mark) as partial:
            partial.write_text(str(batch.end), encoding="ascii")
        self._sent = batch.end

    def refuse(self, operation: AnyOperation) -> None:
        """Put aside an operation that the store will never take."""
        with self._refused.open("ab") as file:
            file.write(operation.model_dump_json().encode() + b"\n")

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _whole(self) -> int:
        """Size without a last line that was torn."""
        with self._path.open("rb") as file:
            position = file.seek(0, os.SEEK_END)
            while position > 0:
                start = max(0, position - 4096)
                file.seek(start)
                newline = file.read(position - start).rfind(b"\n")
                if newline >= 0:
                    return start + newline + 1
                position = start
        return 0

    def _parsed(self, line: bytes) -> AnyOperation:
        try:
            return _OPERATION.validate_json(line)
        except ValidationError:
            raise JobConflictError(
                f"{self._path}: {line[:80]!r} is not an operation of this version; "
                f"without {self.folder} the job goes on, but what was not sent is lost"
            ) from None

    def _marked(self) -> int:
        try:
            return int(self._mark.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0  # all is sent again, and what the store has already is left out
