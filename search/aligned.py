"""Rows of cells as lines of text, for a terminal."""

from __future__ import annotations

from collections.abc import Container, Sequence


def aligned(rows: Sequence[Sequence[str]], words: Container[int] | None = None) -> str:
    """A line a row, with two blanks or more between its cells.

    Args:
        rows: at least one, all of as many cells.
        words: places of the columns that are aligned to the left; the others, of figures, are
            to the right. All are to the left where absent.
    """
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if words is None or place in words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
