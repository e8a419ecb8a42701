"""docs/serving.md: what it shows is run, what it lists is compared."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image

from serving.catalogue import Catalogue, Model
from serving.keys import Keys
from serving.limits import Limits
from serving.metrics import Metrics
from serving.predictions import Prediction
from serving.runtime import Classifier
from serving.web import create_app

GUIDE = Path(__file__).parents[2] / "docs" / "serving.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def address(save_model: Callable[..., Path]) -> Iterator[str]:
    """A model of 8 x 8 pixels under the guide's name, behind a socket."""
    classifier = Classifier.load(save_model(side=8, input_shape=(1, 8, 8)))

    async def predict(images: object) -> object:
        return classifier.probabilities(images)

    app = create_app(Catalogue([Model("digits", "1", classifier, predict)]), Limits())
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl(address: str, tmp_path: Path) -> None:
    Image.new("L", (20, 30), 255).save(tmp_path / "digit.png")
    for line in blocks("sh")[0].splitlines():
        answer = run(tmp_path, "bash", "-c", line.replace("127.0.0.1:8000", address))
        assert Prediction.from_json(answer).label == "bright"


def test_ten_lines_of_python(address: str, tmp_path: Path) -> None:
    (program,) = blocks("python")
    assert sum(bool(line) for line in program.splitlines()) == 10
    printed = run(tmp_path, sys.executable, "-c", program.replace("127.0.0.1:8000", address))
    assert printed == "[0 0]\n"  # two black images: 'dark'


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_a_key(tmp_path: Path) -> None:
    secret = run(tmp_path, "bash", "-c", blocks("sh")[1] + '\nprintf %s "$KEY"')
    keys = Keys.find(tmp_path / "keys.txt", {})
    key = keys.match(secret)
    assert (key.client, set(key.models)) == ("shop", {"digits"})


def test_the_limits_are_those_of_the_program() -> None:
    listed = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", TEXT, re.MULTILINE)
    assert dict(listed) == {name: str(value) for name, value in Limits().model_dump().items()}


def test_the_metrics_are_those_of_the_program() -> None:
    listed = set(re.findall(r"`(secateur_\w+?)(?:_total)?`", TEXT))
    assert listed == {family.name for family in Metrics().families()}
