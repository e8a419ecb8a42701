"""docs/serving.md: what it shows is run, what it lists is compared."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from serving.catalogue import Catalogue, Open
from serving.generator import Generator
from serving.keys import Keys
from serving.limits import Limits
from serving.metrics import Metrics
from serving.model_metrics import ModelMetrics
from serving.predictions import Prediction
from serving.source import FolderSource
from serving.spec import ServeSpec
from serving.web import create_app
from tests.serving.kinds import Listen

GUIDE = Path(__file__).parents[2] / "docs" / "serving.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def block(language: str, word: str) -> str:
    """The one example that holds a word."""
    blocks = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return found


@pytest.fixture(scope="module")
def address(
    save_model: Callable[..., Path],
    save_generator: Callable[..., Path],
    opened: Open,
    listen: Listen,
) -> Iterator[str]:
    """Models of 8 x 8 pixels under the guide's names, behind a socket."""
    sources = [
        FolderSource("digits", save_model(side=8, input_shape=(1, 8, 8))),
        FolderSource("digits-gan", save_generator(side=8)),
    ]
    with listen(create_app(Catalogue.load(sources, opened), Limits())) as address:
        yield address


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl(address: str, tmp_path: Path) -> None:
    Image.new("L", (20, 30), 255).save(tmp_path / "digit.png")
    for line in block("sh", "/classify").splitlines():
        answer = run(tmp_path, "bash", "-c", line.replace("127.0.0.1:8000", address))
        assert Prediction.from_json(answer).label == "bright"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_for_images(address: str, tmp_path: Path) -> None:
    run(tmp_path, "bash", "-c", block("sh", "/generate").replace("127.0.0.1:8000", address))
    with Image.open(tmp_path / "images.png") as image:
        assert image.size == (38, 38)  # four images of 8 pixels, two pixels apart
    with zipfile.ZipFile(tmp_path / "images.zip") as archive:
        assert len(archive.namelist()) == 16


@pytest.mark.parametrize(
    ("word", "printed"),
    # Two black images are 'dark'.
    [("/infer", "[0 0]\n"), ("/generate", "16 (8, 8) 7\n")],
)
def test_ten_lines_of_python(address: str, tmp_path: Path, word: str, printed: str) -> None:
    program = block("python", word)
    assert sum(bool(line) for line in program.splitlines()) <= 10
    program = program.replace("127.0.0.1:8000", address)
    assert run(tmp_path, sys.executable, "-c", program) == printed


@pytest.mark.slow
def test_a_generator_of_ones_own(tmp_path: Path) -> None:
    run(tmp_path, sys.executable, "-W", "error", "-c", block("python", "save_generator"))
    network = Generator.load(tmp_path / "models" / "my-gan")
    assert (network.input_shape, network.output_shape) == ((64,), (1, 28, 28))


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_a_key(tmp_path: Path) -> None:
    secret = run(tmp_path, "bash", "-c", block("sh", "keys.txt") + '\nprintf %s "$KEY"')
    keys = Keys.find(tmp_path / "keys.txt", {})
    key = keys.match(secret)
    assert (key.client, set(key.models)) == ("shop", {"digits"})


def test_the_limits_are_those_of_the_program() -> None:
    limits = TEXT.split("\n## Limits\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", limits, re.MULTILINE)
    assert dict(listed) == {name: str(value) for name, value in Limits().model_dump().items()}


def test_the_settings_are_those_of_the_program() -> None:
    settings = TEXT.split("\n## Settings\n")[1].split("\n## ")[0]
    first = "".join(re.findall(r"^\| (`.*?) \|", settings, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", first)) == set(ServeSpec.model_fields)


def test_the_metrics_are_those_of_the_program() -> None:
    listed = set(re.findall(r"`(secateur_\w+?)(?:_total)?`", TEXT))
    told = (*Metrics().families(), *ModelMetrics(Catalogue([])).collect())
    assert listed == {family.name for family in told}
