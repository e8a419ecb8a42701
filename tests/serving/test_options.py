"""What the command line and its file ask of the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from search.home import Home
from search.serve import open_to_all, settings
from secateur.errors import SpecError, UserError
from serving.keys import VARIABLE
from serving.limits import Limits
from serving.spec import ServeSpec

# printf %s one | sha256sum
LINE = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
HOME = Home(Path("/home"))
NOTHING = {"models": (), "host": None, "port": None, "access_log": None}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "server.yaml"
    path.write_text("{models: [a], port: 80, limits: {images: 3, requests: 4}, access_log: log}")
    return path


def test_defaults() -> None:
    assert settings(HOME, None, NOTHING, []) == ServeSpec(
        access_log=Path("/home/access.log"), log=Path("/home/serve.log")
    )


def test_a_file(config: Path) -> None:
    spec = settings(HOME, config, NOTHING, [])
    limits = Limits(images=3, requests=4)
    log = Path("log").absolute()
    assert spec == ServeSpec(
        models=("a",), port=80, limits=limits, access_log=log, log=Path("/home/serve.log")
    )


def test_the_command_line_counts_for_more(config: Path) -> None:
    given = {"models": ("b", "c"), "port": 0, "access_log": Path("/other")}
    spec = settings(HOME, config, given, ["images=9"])
    assert (spec.models, spec.port, spec.access_log) == (("b", "c"), 0, Path("/other"))
    assert spec.limits == Limits(images=9, requests=4)


def test_mistakes(config: Path) -> None:
    with pytest.raises(SpecError, match="body_byte"):
        settings(HOME, None, NOTHING, ["body_byte=1"])
    with pytest.raises(SpecError, match="port: -1 is not usable"):
        settings(HOME, config, NOTHING | {"port": -1}, [])
    with pytest.raises(SpecError, match=r"absent\.yaml"):
        settings(HOME, Path("absent.yaml"), NOTHING, [])


def test_who_may_ask(tmp_path: Path) -> None:
    assert not open_to_all(ServeSpec())
    assert open_to_all(ServeSpec(host="0.0.0.0"))
    os.environ[VARIABLE] = LINE
    assert not open_to_all(ServeSpec(host="0.0.0.0"))
    with pytest.raises(UserError, match="absent"):
        open_to_all(ServeSpec(host="0.0.0.0", keys=tmp_path / "absent"))
