"""Where a job keeps the tracebacks that people are told one line of."""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from pathlib import Path

FILE = "errors.log"
"""In the job's folder."""


def keep(folder: Path, error: BaseException) -> None:
    """Add a traceback to those of the job, with those that it was raised from.

    Where that cannot be written, as on a full disk, it is lost: the line is what counts.
    """
    with suppress(OSError), (folder / FILE).open("a", encoding="utf-8") as stream:
        stream.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n")
        traceback.print_exception(error, file=stream)
