"""Documents as files."""

from __future__ import annotations

from pathlib import Path

from search.reports import as_html, as_markdown
from search.reports.document import Document
from secateur.errors import UserError
from secateur.scratch import whole

ENDINGS = (".html", ".md")


def save(page: Document, file: Path) -> None:
    """Write a page as HTML or Markdown, by the ending of the file, whole or not at all.

    Raises:
        UserError: the ending is another, or the file cannot be written.
    """
    if file.suffix not in ENDINGS:
        raise UserError(f"{file}: expected a name that ends in {' or '.join(ENDINGS)}")
    text = as_html.render(page) if file.suffix == ".html" else as_markdown.render(page, file.parent)
    try:
        with whole(file) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file}: cannot be written: {error.strerror}") from None


def save_in(page: Document, folder: Path) -> tuple[Path, Path]:
    """Write a page as ``report.html`` and ``report.md``; raises as ``save`` does."""
    files = folder / "report.html", folder / "report.md"
    for file in files:
        save(page, file)
    return files
