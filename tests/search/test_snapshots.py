"""Snapshots of a search that take longer and longer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from search import snapshots
from search.snapshots import Snapshots


class Clock:
    """The times that the keeper goes by, moved by hand."""

    def __init__(self) -> None:
        self.now, self.spent = 100.0, 0.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.spent


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(snapshots, "time", made)
    monkeypatch.setattr("ray.tune.execution.experiment_state.time", made)
    return made


def keeper() -> Snapshots:
    """Keeps nothing: what it would send goes nowhere."""
    syncer = SimpleNamespace(sync_up=lambda *_: True, wait=lambda: None)
    storage: Any = SimpleNamespace(
        experiment_driver_staging_path="", experiment_fs_path="", syncer=syncer
    )
    return Snapshots(storage=storage, checkpoint_period=1)


def taken(clock: Clock, cost: float, seconds: int) -> list[float]:
    """When snapshots were taken that cost so much processor time, asked for 8 times a second."""
    kept, at = keeper(), list[float]()

    def save() -> None:
        at.append(clock.now - 100.0)
        clock.spent += cost

    for _ in range(8 * seconds):
        kept.sync_up_experiment_state(save)
        clock.now += 0.125
    return at


def test_cheap_snapshots_are_a_second_apart(clock: Clock) -> None:
    # Up to a twentieth of a second the period stays.
    assert taken(clock, cost=0.05, seconds=4) == [0, 1, 2, 3]


def test_dear_ones_take_a_twentieth_of_the_time(clock: Clock) -> None:
    # 0.5 s of work, then 9.5 s until the next.
    assert taken(clock, cost=0.5, seconds=20) == [0, 9.5, 19]


def test_a_snapshot_that_is_asked_for_by_force_is_taken(clock: Clock) -> None:
    kept, saved = keeper(), list[bool]()
    for _ in range(3):
        kept.sync_up_experiment_state(lambda: saved.append(True), force=True)
    assert len(saved) == 3
