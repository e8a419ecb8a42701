"""A document as lines for a terminal, in which nothing is marked up."""

from __future__ import annotations

from functools import singledispatch
from textwrap import fill

from search.aligned import aligned
from search.reports.document import Document, Facts, Notice, Section, Table, Text

_WIDTH = 100


def render(document: Document) -> str:
    """The page, as far as it is words and tables."""
    parts = [_titled(document.title, "="), document.about]
    parts += [_told(block) for block in document.lead]
    parts += [_section(section) for section in document.sections]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    blocks = (_told(block) for block in section.blocks)
    return "\n\n".join([_titled(section.title, "-"), *blocks])


def _titled(title: str, rule: str) -> str:
    return f"{title}\n{rule * len(title)}"


@singledispatch
def _told(block: object) -> str:
    raise AssertionError(f"no text for {block!r}")


@_told.register
def _text(block: Text) -> str:
    return fill(block.text, _WIDTH)


@_told.register
def _notice(block: Notice) -> str:
    return fill(f"Note: {block.text}", _WIDTH)


@_told.register
def _facts(block: Facts) -> str:
    return "\n".join(f"{name}: {value}" for name, value in block.rows)


@_told.register
def _table(block: Table) -> str:
    return aligned((block.head, *block.rows), block.words)
