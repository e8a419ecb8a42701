"""Documents as HTML and as Markdown, and what hostile names do to them: nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search.pictures.picture import Picture
from search.reports import as_html, as_markdown
from search.reports.document import (
    Code,
    Column,
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
from search.reports.pages import save
from secateur.errors import UserError

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> | ![a](http://evil) `b`"


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def listing(rows: int, name: str = "network") -> Listing:
    """Numbers from 0, each with its name."""
    numbers = range(rows)
    return Listing(
        (
            Column("trial", tuple(map(str, numbers)), tuple(map(float, numbers))),
            Column("network", tuple(f"{name} {number}" for number in numbers)),
        ),
        marked=1,
    )


def page_of(*blocks: object, title: str = "digits") -> Document:
    tiles = (Tile("accuracy", "97.50%", "-0.50 points"),)
    return Document(title, "a page", (), title, tiles, (Section("All", blocks),))


@pytest.fixture
def hostile(tmp_path: Path) -> Document:
    """Every block there is, with nothing but the hostile name in it."""
    (tmp_path / "pictures").mkdir()
    file = tmp_path / "pictures" / "a.png"
    Image.new("L", (2, 3)).save(file)
    return page_of(
        Text(HOSTILE),
        Notice(HOSTILE),
        Facts(((HOSTILE, HOSTILE),)),
        Table((HOSTILE, HOSTILE), ((HOSTILE, HOSTILE),)),
        listing(3, HOSTILE),
        Gallery((Picture(file, HOSTILE, HOSTILE),)),
        Code(HOSTILE, "yaml", folded=HOSTILE),
        title=HOSTILE,
    )


def test_no_name_becomes_an_element_of_the_page(hostile: Document) -> None:
    seen = Elements(as_html.render(hostile))
    # The rows and the page's own.
    assert seen.tags.count("script") == 2
    assert seen.tags.count("img") == 1
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert "".join(seen.text).count(HOSTILE) >= 10


def test_no_name_means_anything_in_markdown(hostile: Document, tmp_path: Path) -> None:
    text = as_markdown.render(hostile, tmp_path)
    fenced = re.sub(r"^```yaml\n.*?\n```$", "", text, flags=re.S | re.M)
    assert fenced != text
    assert not re.search(r"(?<!\\)<(?!pictures/)", fenced)
    assert re.findall(r"(?<!\\)\[", fenced) == ["["]  # the picture's own
    assert "](<pictures/a.png>)" in fenced
    row = next(line for line in fenced.splitlines() if line.startswith("| \\<"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("*stars*", r"\*stars*"),
        ("__init__", r"\__init__"),
        ("~~gone~~", r"\~\~gone\~~"),
        ("AT&amp;T", r"AT\&amp;T"),
        ("* put forward", r"\* put forward"),
        ("# one", r"\# one"),
        # These mean nothing, and stand as they are.
        ("FLOPs -50% *", "FLOPs -50% *"),
        ("conv_1.weight", "conv_1.weight"),
        ("cats & dogs", "cats & dogs"),
        ("-0.50", "-0.50"),
    ],
)
def test_a_name_is_no_mark_up(name: str, told: str) -> None:
    assert as_markdown.render(page_of(Text(name))).splitlines()[-1] == told


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert "````\n```\n````\n" in as_markdown.render(page_of(Code("```")))


def test_the_page_asks_for_nothing_and_runs_its_own_script_alone(hostile: Document) -> None:
    page = as_html.render(hostile)
    seen = Elements(page)
    sources = [value for name, value in seen.attributes if name in {"src", "href"}]
    assert all((source or "").startswith(("data:image/png;base64,", "#")) for source in sources)
    policy = next(value for name, value in seen.attributes if value and "default-src" in value)
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        content = page.split(f"<{element}>")[1].split(f"</{element}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_pictures_are_in_the_page(hostile: Document, tmp_path: Path) -> None:
    content = as_html.render(hostile).split("data:image/png;base64,")[1].split('"')[0]
    assert base64.b64decode(content) == (tmp_path / "pictures" / "a.png").read_bytes()


def rows_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found: dict[str, Any] = json.loads(
        page.split('<script type="application/json">')[1].split("</script>", 1)[0]
    )
    return found


def test_a_listing_stands_in_the_page_as_rows_and_its_first_ones_as_a_table() -> None:
    page = as_html.render(page_of(listing(60)))
    found = rows_of(page)
    assert found["lines"] == 25
    assert found["marked"] == 1
    assert found["columns"][1]["cells"][59] == "network 59"
    assert page.count('<th scope="row">') == 25
    assert "The first 25 of 60 rows" in page
    assert "The first" not in as_html.render(page_of(listing(25)))


def test_a_listing_in_markdown_is_cut() -> None:
    text = as_markdown.render(page_of(listing(1500)))
    assert "|    19 | network 19 |" in text
    assert "network 20 " not in text
    assert "The first 20 of 1,500 rows; the HTML page has them all." in text


def test_figures_are_to_the_right_of_markdown_tables() -> None:
    text = as_markdown.render(
        page_of(Table(("line", "size"), (("one", "12 kB"), ("three", "3 kB"))))
    )
    assert "| line  |  size |\n| ----- | ----: |\n| one   | 12 kB |\n| three |  3 kB |\n" in text


@pytest.mark.parametrize("name", ["page.pdf", "page"])
def test_a_file_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"{name}: expected a name that ends in .html or .md"):
        save(page_of(), tmp_path / name)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent/page.md: cannot be written: No such file"):
        save(page_of(), tmp_path / "absent" / "page.md")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "page.md").mkdir()
    with pytest.raises(UserError, match=r"page.md: cannot be written: Is a directory"):
        save(page_of(), tmp_path / "page.md")
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]
