from __future__ import annotations

import pytest
from ray.air.execution._internal import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError, RayTaskError
from ray.tune.execution import tune_controller

from agents import failures
from search import trial_workers
from search.trial_workers import TrialWorkers


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The errors that Tune's own keeper of processes is given."""
    found: list[Exception] = []
    # Fails where a later Ray calls it otherwise.
    monkeypatch.setattr(
        RayActorManager, "_actor_task_failed", lambda self, task, error: found.append(error)
    )
    return found


def test_a_process_that_ray_ended_for_want_of_memory_is_a_lost_one(taken: list[Exception]) -> None:
    workers = TrialWorkers.__new__(TrialWorkers)
    workers._actor_task_failed(None, OutOfMemoryError("Task was killed due to the node ..."))
    (error,) = taken
    assert isinstance(error, RayActorError)
    assert failures.told(error) == failures.OUT_OF_MEMORY


def test_what_tune_knows_it_is_given_as_it_is(taken: list[Exception]) -> None:
    workers = TrialWorkers.__new__(TrialWorkers)
    known = [RayActorError(), RayTaskError("f", "Traceback", ValueError()), ValueError("ours")]
    for error in known:
        workers._actor_task_failed(None, error)
    assert taken == known


def test_tune_keeps_its_trials_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune_controller, "RayActorManager", RayActorManager)
    for _ in range(2):
        trial_workers.install()
        assert tune_controller.RayActorManager is TrialWorkers
