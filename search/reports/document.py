"""What a page says, before it is HTML or Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from search.aligned import aligned
from search.pictures.picture import Picture

Row = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True)
class Notice:
    """What a reader must not miss."""

    kind: ClassVar[str] = "notice"
    text: str


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows that all have as many cells as the head.

    Attributes:
        head: titles of the columns.
        rows: from top to bottom; the first cell names the row.
        words: places of the columns that hold words; the others hold figures.
        marked: places of the rows to set off.
    """

    kind: ClassVar[str] = "table"
    head: Row
    rows: tuple[Row, ...]
    words: tuple[int, ...] = (0,)
    marked: tuple[int, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a listing.

    Attributes:
        title: of the column.
        cells: as people read them, from top to bottom.
        values: what the column is sorted by, where that is not the text; absent ones come last.
    """

    title: str
    cells: tuple[str, ...]
    values: tuple[float | None, ...] | None = None


@dataclass(frozen=True)
class Listing:
    """A long table, sorted, filtered and paged by its reader.

    Attributes:
        columns: all of one length; the first names the rows.
        marked: place of a row to set off.
    """

    kind: ClassVar[str] = "listing"
    columns: tuple[Column, ...]
    marked: int | None = None

    def __len__(self) -> int:
        return len(self.columns[0].cells)

    def head(self, rows: int) -> Table:
        """The first rows as a table of their own."""
        return Table(
            head=tuple(column.title for column in self.columns),
            rows=tuple(zip(*(column.cells[:rows] for column in self.columns), strict=True)),
            words=tuple(
                place for place, column in enumerate(self.columns) if column.values is None
            ),
            marked=() if self.marked is None else (self.marked,),
        )


@dataclass(frozen=True)
class Gallery:
    """Pictures."""

    kind: ClassVar[str] = "gallery"
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Code:
    """What a machine reads, as it stands; ``folded`` is its title where it opens on demand."""

    kind: ClassVar[str] = "code"
    text: str
    language: str = ""
    folded: str = ""


Block = Text | Notice | Facts | Table | Listing | Gallery | Code


@dataclass(frozen=True)
class Section:
    """Blocks under a title."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Tile:
    """A figure that is read first, and how it compares."""

    title: str
    value: str
    change: str = ""


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        title: of the page.
        about: one line below it.
        lead: what it says in a few sentences.
        tiled: what has the figures that are read first.
        tiles: these figures.
        sections: everything else; those without blocks are left out.
    """

    title: str
    about: str
    lead: tuple[Block, ...]
    tiled: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]


def plain(table: Table) -> str:
    """A table as aligned text."""
    return aligned((table.head, *table.rows), table.words)
