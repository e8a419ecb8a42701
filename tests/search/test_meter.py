from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from search import meter
from search.ledger import Ledger
from search.meter import Meter
from secateur.process_tree import ProcessTree
from secateur.records import Account

Samples = list[tuple[int, Mapping[str, float]]]


@pytest.fixture(autouse=True)
def never_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings are those that the tests ask for."""
    monkeypatch.setattr(meter, "EVERY_S", 3600.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the processes have used at each reading, in order."""
    used: list[float] = []
    monkeypatch.setattr(ProcessTree, "cpu_seconds", lambda _: used.pop(0))
    return used


def metered(ledger: Ledger, samples: Samples) -> Meter:
    return Meter(ledger, lambda load, number: samples.append((number, load)))


def cpu(ledger: Ledger) -> dict[str, float]:
    account = ledger.read("account", Account)
    assert account is not None
    return {stage: spent.cpu_seconds for stage, spent in account.stages.items()}


def test_each_stage_is_charged_with_its_own(ledger: Ledger, used: list[float]) -> None:
    used += [3.0, 10.0, 11.0, 15.0, 15.5]
    here = metered(ledger, [])
    with here.running():
        with here.stage("search"):
            pass
        with here.stage("prune"):
            pass
    # 3 s before the search, which ends at 10; 1 s to the pruning, which ends at 15; 0.5 s more.
    assert cpu(ledger) == {"": 4.5, "search": 7.0, "prune": 4.0}


def test_a_job_that_goes_on_adds_up(ledger: Ledger, used: list[float]) -> None:
    for begun in (1, 2):
        used += [1.0, 4.0, 4.0]  # a new process counts from nothing
        here = metered(ledger, [])
        with here.running(), here.stage("search"):
            pass
        assert here.account.begun == begun
    assert cpu(ledger) == {"": 2.0, "search": 6.0}


def test_a_stage_that_fails_is_charged_too(ledger: Ledger, used: list[float]) -> None:
    used += [1.0, 8.0]
    with pytest.raises(KeyboardInterrupt), metered(ledger, []).stage("search"):
        raise KeyboardInterrupt
    assert cpu(ledger) == {"": 1.0, "search": 7.0}


def test_samples_of_the_load_are_numbered_on(ledger: Ledger) -> None:
    samples: Samples = []
    for _ in range(2):
        with metered(ledger, samples).running():
            pass
    assert [number for number, _ in samples] == [0, 1]
    assert all("system/cpu_utilization_percentage" in load for _, load in samples)
