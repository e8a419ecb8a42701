"""``secateur generate``, and the client behind it, against the app behind a socket."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from PIL import Image

from search.cli import main
from serving.catalogue import Catalogue, Open
from serving.client import generate
from serving.errors import ServerResponseError
from serving.generations import GenerateRequest, Images
from serving.keys import Keys
from serving.limits import Limits
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.kinds import Listen

# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


@pytest.fixture(scope="module")
def url(generator: Path, opened: Open, listen: Listen) -> Iterator[str]:
    """A server of the generator ``halves`` that asks for the key ``one``."""
    catalogue = Catalogue.load([FolderSource("halves", generator)], opened)
    with listen(create_app(catalogue, Limits(), Keys.parse(KEYS, "keys"))) as address:
        yield f"http://{address}"


def secateur(url: str, output: Path, *arguments: str) -> Result:
    command = ["generate", "--model", "halves", "--url", url, "--output", str(output), *arguments]
    return CliRunner().invoke(main, command, env={"SECATEUR_API_KEY": "one"})


def test_a_grid(url: str, tmp_path: Path) -> None:
    first, again, other = (tmp_path / f"{name}.png" for name in ("first", "again", "other"))
    done = secateur(url, first, "--n", "4", "--seed", "7")
    assert (done.exit_code, done.output) == (0, f"{first}: 4 images of seed 7\n")
    with Image.open(first) as image:
        assert image.size == (10, 10)  # 4 + 2 + 4
    secateur(url, again, "--n", "4", "--seed", "7")
    secateur(url, other, "--n", "4", "--seed", "8")
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


def test_files_of_a_seed_that_the_server_drew(url: str, tmp_path: Path) -> None:
    done = secateur(url, tmp_path / "images.zip", "--n", "1")
    content, seed = (tmp_path / "images.zip").read_bytes(), done.output.split()[-1]
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["000.png"]
    secateur(url, tmp_path / "again.zip", "--n", "1", "--seed", seed)
    assert (tmp_path / "again.zip").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "arguments", "code", "words"),
    [
        ("images.gif", (), 2, "a file name that ends in .png or .zip"),
        ("images.png", ("--n", "0"), 2, "0 is not in the range x>=1"),
        ("images.png", ("--seed", "-1"), 2, "-1 is not in the range"),
        ("images.png", ("--n", "999"), 1, "413: 999 images in a request; at most 256"),
        ("images.png", ("--key", "two"), 1, "401: the API key is not known"),
        ("none/images.png", (), 2, "No such file or directory; expected a file to write"),
    ],
)
def test_what_cannot_be_made(
    url: str, tmp_path: Path, name: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = secateur(url, tmp_path / name, *arguments)
    assert (done.exit_code, words in done.output) == (code, True), done.output
    assert not (tmp_path / name).exists()


def test_json_by_the_client(url: str) -> None:
    made = generate(url, "halves", GenerateRequest(n=2, seed=3, format="json"), key="one")
    images = Images.from_json(made.content)
    assert (made.seed, images.seed, len(images.images)) == (3, 3, 2)


def test_a_server_of_something_else(
    listen: Listen,
) -> None:
    app = FastAPI()
    app.post("/v1/models/halves/generate")(lambda: "hello")
    with listen(app) as address, pytest.raises(ServerResponseError, match="answered no images"):
        generate(f"http://{address}", "halves", GenerateRequest())
