"""A document as Markdown."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path

from search.reports.document import (
    Code,
    Document,
    Facts,
    Gallery,
    Listing,
    Notice,
    Section,
    Table,
    Text,
    Tile,
)

FIRST_ROWS = 20
"""Rows of a listing that are told; the HTML page has them all."""

# What opens something: code, links, columns, emphasis (CommonMark's left-flanking runs), entities,
# and lists and headings at a line's beginning.
_MEANS_SOMETHING = re.compile(
    r"[\\`|<\[]|[*~](?=\S)|(?<!\w)_(?=\S)|&(?=[#\w]+;)|^(?:[*+-]|#{1,6})(?=\s)"
)


def render(document: Document, folder: Path | None = None) -> str:
    """The page, with what names hold taken as plain text.

    Args:
        document: to tell.
        folder: where the page will lie, which pictures are named relative to; without one
            they are left out.
    """
    parts = [f"# {_plain(document.title)}", _plain(document.about)]
    parts += [_told(block) for block in document.lead]
    if document.tiles:
        parts += [f"{_plain(document.tiled)}:", _tiles(document.tiles)]
    for section in document.sections:
        parts += _section(section, folder)
    return "\n\n".join(parts) + "\n"


def _section(section: Section, folder: Path | None) -> list[str]:
    told = [
        _gallery(block, folder) if isinstance(block, Gallery) else _told(block)
        for block in section.blocks
    ]
    return [f"## {_plain(section.title)}", *filter(None, told)]


def _tiles(tiles: Sequence[Tile]) -> str:
    rows = [(tile.title, " ".join(filter(None, [tile.value, _bracketed(tile)]))) for tile in tiles]
    return _told(Facts(tuple(rows)))


def _bracketed(tile: Tile) -> str:
    return f"({tile.change})" if tile.change else ""


@singledispatch
def _told(block: object) -> str:
    raise AssertionError(f"no Markdown for {block!r}")


@_told.register
def _text(block: Text) -> str:
    return _plain(block.text)


@_told.register
def _notice(block: Notice) -> str:
    return f"> {_plain(block.text)}"


@_told.register
def _facts(block: Facts) -> str:
    return "\n".join(f"- {_plain(name)}: {_plain(value)}" for name, value in block.rows)


@_told.register
def _table(block: Table) -> str:
    """With columns aligned, so that it reads well on a terminal too."""
    rows = [[_plain(cell) for cell in row] for row in (block.head, *block.rows)]
    widths = [max(3, *map(len, cells)) for cells in zip(*rows, strict=True)]
    rule = [
        "-" * width if place in block.words else "-" * (width - 1) + ":"
        for place, width in enumerate(widths)
    ]
    rows.insert(1, rule)
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if place in block.words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    )


@_told.register
def _listing(block: Listing) -> str:
    table = _told(block.head(FIRST_ROWS))
    if len(block) <= FIRST_ROWS:
        return table
    return f"{table}\n\nThe first {FIRST_ROWS} of {len(block):,} rows; the HTML page has them all."


@_told.register
def _code(block: Code) -> str:
    # A fence that nothing in the text can close.
    longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    title = [f"{_plain(block.folded)}:", ""] if block.folded else []
    return "\n".join([*title, f"{fence}{block.language}", block.text.rstrip("\n"), fence])


def _gallery(block: Gallery, folder: Path | None) -> str:
    if folder is None:
        return ""
    return "\n\n".join(
        f"![{_plain(picture.title)}](<{Path(os.path.relpath(picture.file, folder)).as_posix()}>)\n"
        f"*{_plain(picture.says)}*"
        for picture in block.pictures
    )


def _plain(text: str) -> str:
    """One line in which no character means more than itself."""
    return _MEANS_SOMETHING.sub(r"\\\g<0>", " ".join(text.split()))
