"""A document as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from search.reports.document import Document, Listing

FIRST_ROWS = 25
"""Rows of a listing that stand in the page without its script, and on each of its leaves."""

_TEMPLATES = Path(__file__).parent / "templates"
_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


def render(document: Document) -> str:
    """The page; pictures are read from their files.

    Whatever names a document holds is escaped. The page's policy lets a browser fetch nothing
    and run no script but its own.
    """
    template = _environment().get_template("page.html")
    return template.render(page=document, style=_part("style.css"), script=_part("listing.js"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["first_rows"] = FIRST_ROWS
    environment.filters |= {"asis": Markup, "data": _data, "data_uri": _data_uri, "hash": _hash}
    return environment


def _part(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What the page's policy knows its own style and script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data_uri(file: Path) -> str:
    content = base64.b64encode(file.read_bytes()).decode()
    return f"data:{_TYPES[file.suffix]};base64,{content}"


def _data(listing: Listing) -> Markup:
    """A listing's rows for the script, by column; no name in them can end the element."""
    columns: list[dict[str, Any]] = [vars(column) for column in listing.columns]
    content = {"columns": columns, "marked": listing.marked, "lines": FIRST_ROWS}
    return htmlsafe_json_dumps(content, separators=(",", ":"))
