"""Files that are there whole or not at all: written under another name, and then renamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write what becomes ``file``, in place of an older one, when all inside went well.

    Otherwise nothing is left of it: on a full disk every further attempt would take more.
    """
    partial = scratch(file)
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def scratch(file: Path) -> Path:
    """Where to write a file that is then renamed to ``file``: a name that nobody else has.

    It begins with a dot, as of all that is half-written.  The number of a process is no such
    name: containers of two machines may have the same.
    """
    return file.with_name(f".{file.name}-{uuid4().hex}")
