"""A local file system on which files appear whole, or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem
from pyarrow import NativeFile, PythonFile
from pyarrow.fs import FSSpecHandler, PyFileSystem

from secateur.scratch import scratch


def whole_files() -> PyFileSystem:
    """Files are written beside their place first, and take it when they are closed.

    Tune writes its snapshots again and again into the same files; on a full disk it would
    leave one that is cut off, and a search that cannot be restored.
    """
    return PyFileSystem(_Handler(LocalFileSystem()))


class _Handler(FSSpecHandler):
    """pyarrow's way to a file system of fsspec, with this difference: see ``whole_files``."""

    def open_output_stream(self, path: str, metadata: Any) -> NativeFile:
        return PythonFile(WholeFile(Path(path)), mode="w")


class WholeFile(io.FileIO):
    """A file to write that takes its place when it is closed, unless a write failed.

    Args:
        path: its place; what is there stays until then.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._whole = path, True
        self._partial = scratch(path)
        super().__init__(self._partial, "xb")

    def write(self, data: Any) -> int:
        """Write all of ``data``.

        Raises:
            OSError: the disk is full; the file is closed, and what was there is there still.
        """
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) :]
        except OSError:
            self._whole = False
            self.close()  # pyarrow would leave that to the collector
            raise
        return size

    def close(self) -> None:
        """Take the place, or leave no trace."""
        if self.closed:
            return
        super().close()
        if self._whole:
            self._partial.rename(self._path)
        else:
            self._partial.unlink()
