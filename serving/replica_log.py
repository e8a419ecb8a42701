"""The log of what a replica does of itself, beside that of requests."""

from __future__ import annotations

import logging
import sys
from logging.handlers import WatchedFileHandler
from pathlib import Path

_FORM = "%(asctime)s %(levelname)s %(message)s"


def log_to(file: Path | None) -> None:
    """Write what happens in ``serving`` to the end of ``file``, or to standard error.

    A file that is moved away, as log rotation does, is begun anew.
    """
    handler = WatchedFileHandler(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_FORM))
    logger = logging.getLogger("serving")
    logger.handlers.clear()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
