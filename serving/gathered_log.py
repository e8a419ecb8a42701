"""A log file that is written to once a turn of the event loop, however many lines that made."""

from __future__ import annotations

import asyncio
import logging
from logging.handlers import WatchedFileHandler
from pathlib import Path


class GatheredFileHandler(WatchedFileHandler):
    """Writes the lines of one turn of the event loop together, before the next turn ends.

    Requests that are answered together would each look for a rotated file, lock and flush.
    Where no loop runs every line is written at once.

    Args:
        file: to append to; one that is moved away is begun anew.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._lines: list[str] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line soon."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            super().emit(record)
            return
        self._lines.append(self.format(record))
        if self._due_in is not loop:
            self._due_in = loop
            loop.call_soon(self._write)

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._write()
        super().close()

    def _write(self) -> None:
        self.acquire()
        try:
            lines, self._lines, self._due_in = self._lines, [], None
            if lines:
                super().emit(logging.makeLogRecord({"msg": "\n".join(lines)}))
        finally:
            self.release()
