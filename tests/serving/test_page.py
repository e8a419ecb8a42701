"""The page at ``/`` as a server sends it; ``browser/`` holds what it does in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterable
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


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., list[str]]:
    """What expressions of the page's modules come to in Node, with spaces that end lines."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("runs the page's modules in Node")
    shutil.copytree(FOLDER, tmp_path / "page")
    (tmp_path / "package.json").write_text('{"type": "module"}')

    def run(module: str, expressions: Iterable[str]) -> list[str]:
        script = f"""import * as module from "./page/{module}";
            console.log(JSON.stringify([{", ".join(f"module.{one}" for one in expressions)}]));"""
        (tmp_path / "run.js").write_text(script)
        done = subprocess.run([node, "run.js"], cwd=tmp_path, capture_output=True, check=True)
        return [text.replace("\u00a0", " ") for text in json.loads(done.stdout)]

    return run


def test_numbers_as_people_read_them(evaluate: Callable[..., list[str]]) -> None:
    """Where rounding reaches the next power of ten, which ``toPrecision`` writes as 1.0e+2."""
    told = {
        "count(999)": "999",
        "count(999400)": "999 k",
        "count(999600)": "1.00 M",
        "count(5e12)": "5000 G",
        "size(999600)": "1.00 MB",
        "time(0.158)": "0.16 ms",
        "time(99.7)": "100 ms",
        "time(1234.4)": "1234 ms",
        "hours(12.34)": "12.3 h",
        "hours(10)": "10 h",
        "hours(99.96)": "100 h",
        "distance(1.5)": "1.50",
        "distance(1234.4)": "1234",
    }
    assert dict(zip(told, evaluate("words.js", told), strict=True)) == told


def test_the_score_of_a_regression_is_no_accuracy(evaluate: Callable[..., list[str]]) -> None:
    model = {"image_shape": [1, 1, 8], "figures": {"accuracy": 0.875}, "dense_figures": None}
    tasks = ("classification", "regression")
    asked = [f"about({json.dumps(model | {'task': task})})" for task in tasks]
    assert evaluate("figures.js", asked) == ["87.50 %", "R² 87.50 %"]


def test_the_files_are_part_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "page/*" in project["tool"]["setuptools"]["package-data"]["serving"]
