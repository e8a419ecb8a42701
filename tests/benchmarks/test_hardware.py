"""What a result says it was measured by."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from benchmarks import hardware


def test_a_command_can_be_given_again_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["tests/chaos", "-k", "head and prune", "--recovery", '{"steps": 2}']
    monkeypatch.setattr(sys, "argv", ["pytest", *asked])
    assert shlex.split(hardware.facts()["command"])[-len(asked) :] == asked


def test_a_command_names_no_persons_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["x", "--home", str(Path.home() / "kept")])
    assert hardware.facts()["command"].endswith("--home ~/kept")
