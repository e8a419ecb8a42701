"""The guide says what is there."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np

from secateur.data.motors import STATES
from secateur.spec import MotorsData

GUIDE = (Path(__file__).parents[4] / "docs" / "motors.md").read_text(encoding="utf-8")


def test_its_tables_have_every_state_and_field() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    heads = [name.strip(" `") for row in rows for name in row.split("|")[1].split(",")]
    assert heads == [*STATES, "signals", "representation", "machine", "noise", "test",
                     "validation", "limit"]  # fmt: skip
    assert set(heads[len(STATES) :]) == set(MotorsData.model_fields) - {"kind"}


def test_its_python_runs() -> None:
    _, code = GUIDE.split("From Python, with a machine of your own:\n")
    made: dict[str, Any] = {}
    exec(dedent(code.split("## ")[0]), made)
    assert (made["levels"].shape, made["levels"].dtype) == ((8, 2, 1, 1024), np.uint8)
