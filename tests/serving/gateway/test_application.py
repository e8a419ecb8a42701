"""What Serve is told of a gateway; ``tests/e2e`` has it on a real Ray."""

from __future__ import annotations

from pathlib import Path

import pytest
from ray import serve

from secateur.errors import SpecError
from serving.gateway.application import build, configured
from serving.gateway.spec import load

EXAMPLE = Path(__file__).parents[3] / "examples" / "gateway.yaml"


def test_by_the_import_path_of_a_config_file() -> None:
    assert isinstance(configured({"config": str(EXAMPLE)}), serve.Application)


def test_arguments_that_are_none() -> None:
    with pytest.raises(SpecError, match="confg: 'confg' is not usable; expected 'config'"):
        configured({"confg": str(EXAMPLE)})


def test_roots_that_are_none() -> None:
    with pytest.raises(SpecError, match=r"SECATEUR_ROOTS: 'data' .* expected absolute folders"):
        build(load(EXAMPLE), {"SECATEUR_ROOTS": "data"})
