from __future__ import annotations

from typing import Any

import pytest
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState

from search.searcher import JobSearch, sampler
from secateur.spec import SearchSpec

SPEC = SearchSpec(trials=4, epochs=3)


def ended(result: dict[str, Any] | None, *, error: bool = False) -> TrialState:
    """How Optuna sees a trial that ended with a result."""
    search = JobSearch(SPEC, 0, "accuracy")
    search.suggest("a")
    for epoch in range(1, (result or {}).get("training_iteration", 0) + 1):
        search.on_trial_result("a", {"accuracy": 0.1 * epoch, "training_iteration": epoch})
    search.on_trial_complete("a", result, error)
    (trial,) = search._ot_study.trials
    return trial.state


@pytest.mark.parametrize(
    ("result", "error", "state"),
    [
        ({"accuracy": 0.3, "training_iteration": 3}, False, TrialState.COMPLETE),
        ({"accuracy": 0.1, "training_iteration": 1}, False, TrialState.PRUNED),
        ({"accuracy": 0.1, "training_iteration": 1}, True, TrialState.FAIL),
        ({"training_iteration": 3}, False, TrialState.FAIL),
        (None, False, TrialState.FAIL),
        (None, True, TrialState.FAIL),
    ],
)
def test_optuna_is_told_how_a_trial_ended(
    result: dict[str, Any] | None, error: bool, state: TrialState
) -> None:
    assert ended(result, error=error) is state


def test_a_trial_that_begins_again_reports_each_epoch_once() -> None:
    search = JobSearch(SPEC, 0, "accuracy")
    search.suggest("a")
    for epoch in (1, 2, 1, 2, 3):
        search.on_trial_result("a", {"accuracy": 0.1 * epoch, "training_iteration": epoch})
    (trial,) = search._ot_study.trials
    assert list(trial.intermediate_values) == [1, 2, 3]


def test_suggestions_follow_the_seed() -> None:
    first, again, other = (JobSearch(SPEC, seed, "accuracy").suggest("a") for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_samplers_by_name() -> None:
    assert isinstance(sampler(SearchSpec(sampler="tpe"), 0), TPESampler)
    assert isinstance(sampler(SearchSpec(sampler="random"), 0), RandomSampler)
