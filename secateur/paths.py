"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | Path) -> Path:
    """With ``~`` and ``~user`` written out.

    An unknown user's stays as it is, so that the path is told as one that is not there:
    ``Path.expanduser`` raises a RuntimeError.
    """
    return Path(os.path.expanduser(path))
