"""What the page's modules make of numbers, in the Node that the browser's driver brings."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from serving.page_routes import FOLDER

pytestmark = pytest.mark.slow


@pytest.fixture
def evaluate(tmp_path: Path, browser: Path) -> Callable[..., list[str]]:
    """What expressions of the page's modules come to in Node, with spaces that end lines."""
    (node,) = browser.glob("lib/python*/site-packages/playwright/driver/node")
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
