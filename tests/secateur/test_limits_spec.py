from __future__ import annotations

from typing import Any

import pytest

from secateur.errors import SpecError
from secateur.spec import LIMITS, parse


def job(**limits: Any) -> dict[str, Any]:
    return {"name": "limited", "data": {"kind": "digits"}, "limits": limits}


def test_a_job_that_names_no_limits_has_those_that_suit_a_laptop() -> None:
    found = parse({"name": "limited", "data": {"kind": "digits"}}).limits
    assert found == LIMITS == parse(job()).limits
    assert (found.memory_gb, found.silence_seconds, found.disk_gb) == (None, 1800, 1)
    assert found.checkpoint_seconds == 30


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("memory_gb", 0, "greater than or equal to 0.1"),
        ("memory_gb", "4 GB", "a number"),
        ("memory_gb", float("inf"), "a finite number"),
        ("silence_seconds", 0, "greater than or equal to 1"),
        ("silence_seconds", None, "a number"),
        ("checkpoint_seconds", -1, "greater than or equal to 0"),
        ("disk_gb", -1, "greater than or equal to 0"),
        ("memory", 4, "'memory_gb' (nearest known name)"),
    ],
)
def test_limits_that_are_none_are_refused_by_name(field: str, value: Any, expected: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(job(**{field: value}))
    assert refused.value.field == f"limits.{field}"
    assert expected in refused.value.expected


def test_limits_are_no_part_of_what_is_asked_for() -> None:
    assert parse(job(memory_gb=4)).digest == parse(job()).digest
    assert parse(job() | {"seed": 1}).digest != parse(job()).digest
