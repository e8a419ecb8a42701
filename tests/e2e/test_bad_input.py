"""What a user may get wrong: one line, exit code 2, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from search.cli import main

Prepare = Callable[[Path], dict[str, Any]]
BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}


def folder(root: Path, *classes: str, size: tuple[int, int] = (8, 8)) -> dict[str, Any]:
    for place, name in enumerate(classes):
        (root / "images" / name).mkdir(parents=True)
        for number in range(12):
            colour = (20 * number, 60 * place, 0)
            Image.new("RGB", size, colour).save(root / "images" / name / f"{number}.png")
    return {"kind": "image-folder", "root": str(root / "images")}


def empty_folder(root: Path) -> dict[str, Any]:
    (root / "images").mkdir()
    return {"data": {"kind": "image-folder", "root": str(root / "images")}}


def empty_class(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    (root / "images" / "emu").mkdir()
    return {"data": data}


def unreadable(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    (root / "images" / "cat" / "broken.png").write_bytes(b"\x89PNG broken")
    return {"data": data}


def mixed_sizes(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    Image.new("RGB", (9, 8)).save(root / "images" / "cat" / "wide.png")
    return {"data": data}


CASES: list[tuple[str, Prepare, list[str]]] = [
    ("unknown field", lambda _: {"serach": {}}, ["serach", "'search'"]),
    ("wrong type", lambda _: {"search": {"trials": "many"}}, ["search.trials", "'many'"]),
    ("target beyond any network", lambda _: {"prune": {"targets": [0.9999]}}, ["targets up to"]),
    (
        "target beyond these networks",
        lambda _: {
            "search": {"networks": [{"kind": "mlp", "depth": 1, "width": 64}]},
            "prune": {"targets": [0.99]},
        },
        ["prune.targets: 0.99", "at most"],
    ),
    (
        "missing root",
        lambda root: {"data": {"kind": "image-folder", "root": str(root / "no")}},
        ["/no"],
    ),
    ("empty folder", empty_folder, ["images"]),
    ("one class", lambda root: {"data": folder(root, "cat")}, ["images"]),
    ("empty class", empty_class, ["emu"]),
    ("unreadable image", unreadable, ["broken.png"]),
    ("mixed sizes", mixed_sizes, ["size"]),
]


@pytest.mark.parametrize("verb", ["validate", "run"])
@pytest.mark.parametrize(
    ("prepare", "named"), [row[1:] for row in CASES], ids=[r[0] for r in CASES]
)
def test_it_is_one_line_that_names_what_is_wrong(
    verb: str, prepare: Prepare, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump(BASE | prepare(tmp_path)))
    result = CliRunner().invoke(main, [verb, str(spec)])
    assert result.exit_code == 2, result.output
    (line,) = result.output.splitlines()
    assert line.startswith("secateur: error: ")
    assert all(name in line for name in named), line
    assert not home.exists()


def test_mnist_that_is_nowhere_says_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump(BASE | {"data": {"kind": "mnist"}}))
    result = CliRunner().invoke(main, ["validate", str(spec)])
    assert result.exit_code == 2
    assert "SECATEUR_DATA" in result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["report", "nothing"], "no job here"),
        (["validate", "nowhere.yaml"], "nowhere.yaml"),
        (["predict", "--model", "m", "nowhere.png"], "nowhere.png"),
    ],
)
def test_what_is_not_there_is_named(
    arguments: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert named in result.output
