"""The page at ``/`` as a server sends it; ``browser/`` holds what it does in a browser."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from serving.keys import Keys
from serving.page_routes import FOLDER
from tests.serving.kinds import Send, ServeFolder

FILES = sorted(path.name for path in FOLDER.iterdir())
ROOT = Path(__file__).parents[2]
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@pytest.fixture(scope="module", params=["open", "guarded"])
def visit(request: pytest.FixtureRequest, serve_folder: ServeFolder, saved: Path) -> Send:
    """Asks an app without keys, and one with keys but without giving any."""
    keys = Keys.parse(KEYS, "keys") if request.param == "guarded" else None
    return serve_folder(saved, keys=keys)


def test_the_page(visit: Send) -> None:
    answer = visit("GET", "/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.content == (FOLDER / "index.html").read_bytes()
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", FILES)
def test_its_files(visit: Send, name: str) -> None:
    answer = visit("GET", f"/page/{name}")
    assert answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["content-type"].startswith(TYPES[Path(name).suffix])
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_file_that_has_not_changed_is_not_sent_again(visit: Send) -> None:
    first = visit("GET", "/page/page.js")
    again = visit("GET", "/page/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


def test_the_head_of_the_page(visit: Send) -> None:
    answer = visit("HEAD", "/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_nothing_but_the_page_is_open(serve_folder: ServeFolder, saved: Path) -> None:
    send = serve_folder(saved, keys=Keys.parse(KEYS, "keys"))
    assert send("GET", "/v1/models").status_code == 401


def test_everything_that_the_page_names_is_there() -> None:
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:src|href)="page/([^"]+)"', text))
    for path in FOLDER.glob("*.js"):
        named |= set(re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")))
    assert named == set(FILES) - {"index.html"}


def test_nothing_within_the_page_that_its_policy_forbids() -> None:
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:", text)
    for path in (*FOLDER.glob("*.js"), *FOLDER.glob("*.css")):
        assert not re.search(r"https?:|innerHTML|eval\(", path.read_text(encoding="utf-8"))


def test_the_files_are_part_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "page/*" in project["tool"]["setuptools"]["package-data"]["serving"]
