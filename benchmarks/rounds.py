"""Measurements in rounds, which go on from their result file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import hardware
from benchmarks.page import Result, read


def begun(file: Path, settings: dict[str, Any], *, restart: bool) -> Result:
    """What a file holds where it is of the same settings; else a result without rounds."""
    before = None if restart else read(file)
    if before is not None and before["settings"] == settings:
        return before
    return {"settings": settings, "hardware": hardware.facts(), "rounds": []}
