"""What the command line asks of the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from search.serve import options
from secateur.errors import SpecError, UserError
from serving import proxy
from serving.keys import VARIABLE
from serving.limits import Limits

# printf %s one | sha256sum
LINE = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})


def test_defaults() -> None:
    asked = options([], None, Path("log"))
    assert asked == {"limits": Limits(), "keys": None, "access_log": Path("log")}


def test_limits_and_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(LINE)
    asked = options(["images=3", "requests=5"], file, Path("log"))
    assert asked["limits"] == Limits(images=3, requests=5)
    assert asked["keys"].match("one").client == "anna"


def test_keys_of_the_environment() -> None:
    os.environ[VARIABLE] = LINE
    assert options([], None, Path("log"))["keys"].match("one").client == "anna"


def test_mistakes() -> None:
    with pytest.raises(SpecError, match="body_byte"):
        options(["body_byte=1"], None, Path("log"))
    with pytest.raises(UserError, match="absent"):
        options([], Path("absent"), Path("log"))


def test_the_ray_that_starts_next_answers_in_our_words() -> None:
    options([], None, Path("log"))
    assert proxy.ENVIRONMENT.items() <= os.environ.items()
