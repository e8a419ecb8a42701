from __future__ import annotations

import pickle
from typing import Any

import pytest
from ray.tune.experiment import Trial

from search.listeners import Once, TrialEnd, TrialListener
from search.numbering import number_of
from search.observer import TrialObserver


class Told(TrialListener):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def kept(self, end: TrialEnd) -> None:
        self.heard.append(("kept", end.trial, end.number, end.failed))

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        self.heard.append(("started", trial, number))

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        self.heard.append(("reported", trial))

    def ended(self, trial: str, *, failed: bool) -> None:
        self.heard.append(("ended", trial, failed))


class Guard:
    """As much of a guard as Tune's callback needs."""

    def heard(self, trial: Any) -> None: ...

    def failed(self, trial: Any, *, again: bool) -> None: ...


def trial(number: int, status: str) -> Any:
    made = Trial("unknown", stub=True, trial_id=f"id-{number}")
    made.experiment_tag = f"{number + 1}_depth=2,width=32"
    made.set_status(status)
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    found = Told()
    monkeypatch.setitem(TrialObserver.listeners, "search", found)
    guard: Any = Guard()
    monkeypatch.setitem(TrialObserver.guards, "search", guard)
    return found


# As Tune has them after a restore: those heard of last come first, tried again ones last.
RESTORED = [
    trial(4, Trial.ERROR),
    trial(0, Trial.TERMINATED),
    trial(2, Trial.PENDING),
    trial(1, Trial.TERMINATED),
]


def test_trials_keep_their_numbers_wherever_tune_has_put_them(told: Told) -> None:
    assert [number_of(one) for one in RESTORED] == [4, 0, 2, 1]
    observer = TrialObserver("search")
    for _ in range(2):
        observer.on_step_begin(0, RESTORED)
    observer.on_trial_start(0, RESTORED, RESTORED[2])
    assert told.heard == [
        ("kept", "id-0", 0, False),
        ("kept", "id-1", 1, False),
        ("kept", "id-4", 4, True),
        ("started", "id-2", 2),
    ]


def test_a_search_that_was_begun_under_another_path_is_heard(told: Told) -> None:
    """A home may be moved, or reached by a link; older searches were named by their paths."""
    observer = pickle.loads(pickle.dumps(TrialObserver("/elsewhere/runs/search")))
    observer.on_step_begin(0, RESTORED[:1])
    assert told.heard == [("kept", "id-4", 4, True)]


def test_a_trial_that_fails_before_it_had_a_process_has_begun_and_failed(told: Told) -> None:
    observer, lost, failed = TrialObserver("search"), trial(0, "RUNNING"), trial(1, "RUNNING")
    observer.on_trial_recover(0, [lost], lost)
    observer.on_trial_error(0, [lost], lost)
    observer.on_trial_start(0, [failed], failed)
    observer.on_trial_error(0, [failed], failed)
    assert told.heard == [
        ("started", "id-0", 0),
        ("ended", "id-0", True),
        ("started", "id-1", 1),
        ("ended", "id-1", True),
    ]


def test_who_has_heard_of_an_end_is_not_told_again_after_a_restore() -> None:
    told = Told()
    once = Once(told)
    once.started("a", 0, {})
    once.ended("a", failed=False)
    for _ in range(2):  # two attempts at restoring
        once.kept(TrialEnd("a", 0, {}, {}, failed=False))
        once.kept(TrialEnd("b", 1, {}, {}, failed=True))
    assert told.heard == [("started", "a", 0), ("ended", "a", False), ("kept", "b", 1, True)]
