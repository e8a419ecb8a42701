"""The page's modules on their own, in the Node that the browser's driver brings."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from serving.page_routes import FOLDER

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path, browser: Path) -> Callable[[str], Any]:
    """Run a module of JavaScript beside the folder of the page; what ``told`` is in the end."""
    (node,) = browser.glob("lib/python*/site-packages/playwright/driver/node")
    shutil.copytree(FOLDER, tmp_path / "page")
    (tmp_path / "package.json").write_text('{"type": "module"}')

    def run(script: str) -> Any:
        (tmp_path / "run.js").write_text(f"{script}\nconsole.log(JSON.stringify(told));")
        done = subprocess.run(
            [node, "run.js"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def evaluate(run: Callable[[str], Any]) -> Callable[..., list[str]]:
    """What expressions of the page's modules come to in Node, with spaces that end lines."""

    def evaluate(module: str, expressions: Iterable[str]) -> list[str]:
        asked = ", ".join(f"module.{one}" for one in expressions)
        told = run(f'import * as module from "./page/{module}"; const told = [{asked}];')
        return [text.replace("\u00a0", " ") for text in told]

    return evaluate


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


def test_of_calls_during_another_the_last_alone_is_kept(run: Callable[[str], Any]) -> None:
    """Whoever drags a slider wants the images of where it stopped, and not of all the way."""
    script = """
        import { newest } from "./page/api.js";

        const [begun, ends] = [[], []];
        const ask = newest((call) => new Promise((end) => { begun.push(call); ends.push(end); }));
        const told = [];

        /** Let the call that is under way end, and what follows from that happen. */
        async function answered() {
          told.push([...begun]);
          ends.pop()();
          await new Promise(setImmediate);
        }

        for (const call of [1, 2, 3]) ask(call);
        await answered();
        for (const call of [4, 5]) ask(call);
        await answered();
        await answered();
        ask(6);
        await answered();
    """
    assert run(script) == [[1], [1, 3], [1, 3, 5], [1, 3, 5, 6]]
