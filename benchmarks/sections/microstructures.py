"""Section on measures and generators of microstructures, which have a page of their own."""

from __future__ import annotations

from typing import Any


def lines(results: dict[str, Any]) -> list[str]:
    """Where the tables are that `python -m benchmarks.microstructures page` writes."""
    return [
        "## Microstructures",
        "",
        f"{len(results)} result files, in the tables of [microstructures.md](microstructures.md).",
    ]
