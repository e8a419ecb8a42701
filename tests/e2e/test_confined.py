"""Specs that a cluster refuses where it would read, or allocate, what it must not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from search.cli import main

DIGITS: dict[str, Any] = {"data": {"kind": "digits"}}
HUGE = {"kind": "mlp", "depth": 2, "width": 16384}  # 16384² weights between the layers


def arrays(path: str) -> Callable[[Path], dict[str, Any]]:
    return lambda root: {"data": {"kind": "arrays", "path": path.format(root=root)}}


def linked(root: Path) -> dict[str, Any]:
    (root / "secret.npz").touch()
    (root / "data" / "link.npz").symlink_to(root / "secret.npz")
    return {"data": {"kind": "arrays", "path": str(root / "data" / "link.npz")}}


def linked_image(root: Path) -> dict[str, Any]:
    (root / "data" / "images" / "cat").mkdir(parents=True)
    (root / "secret.png").touch()
    (root / "data" / "images" / "cat" / "1.png").symlink_to(root / "secret.png")
    return {"data": {"kind": "image-folder", "root": str(root / "data" / "images")}}


@pytest.mark.parametrize("verb", ["validate", "run"])
@pytest.mark.parametrize(
    ("prepare", "named"),
    [
        (arrays("{root}/other.npz"), ["data.path", "inside", "SECATEUR_ROOTS"]),
        (arrays("{root}/data/../other.npz"), ["data.path", "inside"]),
        (arrays("other.npz"), ["data.path", "an absolute path"]),
        (arrays("/etc/shadow"), ["data.path", "inside"]),
        (linked, ["data.path", "links followed"]),
        (linked_image, ["data.root", "unlike", "cat/1.png"]),
        (lambda root: DIGITS | {"search": {"teacher": {"model": f"{root}"}}},
         ["search.teacher.model", "inside"]),
        (lambda root: DIGITS | {"limits": {"memory_gb": 1}, "search": {"networks": [HUGE]}},
         ["search.networks.0", "mlp (depth 2, width 16384", "1 GB of limits.memory_gb"]),
    ],
)  # fmt: skip
def test_it_is_one_line_and_nothing_is_read_or_written(
    verb: str,
    prepare: Callable[[Path], dict[str, Any]],
    named: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_ROOTS", str(tmp_path / "data"))
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump({"name": "job"} | prepare(tmp_path)), encoding="utf-8")
    result = CliRunner().invoke(main, [verb, str(spec)])
    assert result.exit_code == 2, result.output
    (line,) = result.output.splitlines()
    assert all(part in line for part in named), line
    assert not (tmp_path / "home").exists()
