"""Pages on a terminal."""

from __future__ import annotations

from search.reports import as_text
from search.reports.document import Document, Facts, Notice, Section, Table, Text


def test_a_page_is_told_without_marks() -> None:
    table = Table(("Line", "runs", "jobs"), (("*_a_*", "3", "a|b"), ("b", "12", "c")), words=(0, 2))
    page = Document(
        title="2 jobs compared",
        about="Classification of digits",
        lead=(Notice("one is left out"), Facts((("Larger than the spread", "a - b: +7.0"),))),
        tiled="",
        tiles=(),
        sections=(Section("Lines", (Text("word " * 30), table)),),
    )
    assert as_text.render(page) == (
        "2 jobs compared\n"
        "===============\n"
        "\n"
        "Classification of digits\n"
        "\n"
        "Note: one is left out\n"
        "\n"
        "Larger than the spread: a - b: +7.0\n"
        "\n"
        "Lines\n"
        "-----\n"
        "\n" + "word " * 19 + "word\n" + "word " * 9 + "word\n"
        "\n"
        "Line   runs  jobs\n"
        "*_a_*     3  a|b\n"
        "b        12  c\n"
    )
