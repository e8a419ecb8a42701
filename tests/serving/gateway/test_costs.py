"""What jobs reserve, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from secateur.spec import parse
from serving.gateway.costs import Reserve, reserved

EIGHT = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]


def reserve(**fields: Any) -> Reserve:
    return reserved(parse({"name": "a", "data": {"kind": "digits"}} | fields))


@pytest.mark.parametrize(
    ("fields", "cpus", "gpus"),
    [
        # Two trials; two targets are two agents.
        ({}, 2, 0),
        ({"search": {"parallel": 6}}, 6, 0),
        ({"search": {"parallel": 1}, "prune": None}, 1, 0),
        # Two targets of three seeds are six agents, each with four runners.
        ({"prune": {"seeds": 3, "agent": {"kind": "ddpg", "runners": 4}}}, 24, 0),
        ({"prune": {"seeds": 3, "gpus": 0.5}}, 6, 3),
        # An agent beside several runners has a share of its own.
        ({"prune": {"targets": [0.5], "agent": {"runners": 3}, "gpus": 0.25}}, 3, 1),
        ({"search": {"parallel": 4, "gpus": 0.5}}, 4, 2),
        # Eight networks recover at the same time.
        ({"prune": {"targets": EIGHT}, "finetune": {"gpus": 1}}, 8, 8),
        ({"prune": {"targets": EIGHT, "gpus": 0.25}, "finetune": {"gpus": 0.125}}, 8, 2),
        ({"task": "generation", "recover": {"gpus": 0.5}}, 2, 1),
    ],
)
def test_reserved(fields: dict[str, Any], cpus: float, gpus: float) -> None:
    assert reserve(**fields) == Reserve(cpus, gpus)


def test_no_more_than_there_is() -> None:
    assert Reserve(64, 8).up_to(16, None) == Reserve(16, 8)
    assert Reserve(64, 8).up_to(None, 0) == Reserve(64, 0)
    assert Reserve(4, 1).up_to(16, 2) == Reserve(4, 1)
