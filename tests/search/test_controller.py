from __future__ import annotations

from typing import Any

import pytest
from ray.exceptions import RayActorError
from ray.tune import tune as tune_module
from ray.tune.execution.tune_controller import TuneController

from search import controller
from search.controller import Controller


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What Tune's own loop makes of failures, and which trials are for the next snapshot."""
    found: list[tuple[Any, ...]] = []
    # Fails where a later Ray calls them otherwise.
    monkeypatch.setattr(
        TuneController,
        "_process_trial_failure",
        lambda self, trial, exception: found.append(("failed", trial, exception)),
    )
    monkeypatch.setattr(
        TuneController,
        "_mark_trial_to_checkpoint",
        lambda self, trial: found.append(("kept", trial)),
    )
    return found


def test_a_loss_that_is_told_twice_is_one_failure(taken: list[tuple[Any, ...]]) -> None:
    loop = Controller.__new__(Controller)
    first, second = RayActorError(), RayActorError()
    for error in (first, first, second):
        loop._process_trial_failure("a", error)
    assert taken == [
        ("failed", "a", first),
        ("kept", "a"),
        ("failed", "a", second),
        ("kept", "a"),
    ]


def test_tune_takes_failures_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune_module, "TuneController", TuneController)
    for _ in range(2):
        controller.install()
        assert tune_module.TuneController is Controller
