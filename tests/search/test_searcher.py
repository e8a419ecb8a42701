from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState
from pydantic import ValidationError

from search.searcher import SAMPLERS, JobSearch
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


GRID = SearchSpec.model_validate(
    {
        "sampler": "grid",
        "trials": 6,
        "epochs": 1,
        "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 2}, "width": 8, "dropout": 0.0},
                     {"kind": "lenet", "width": 1.0, "activation": "relu", "pooling": "max",
                      "dropout": 0.0}],
        "recipe": {"learning_rate": [0.1, 0.01], "weight_decay": 0.0, "batch_size": 8,
                   "optimizer": "adam", "label_smoothing": 0.0},
    }
)  # fmt: skip


def short(sampler: str) -> SearchSpec:
    """Grids hold lists and whole numbers alone; the others get the default ranges too."""
    if sampler == "grid":
        return GRID
    return SearchSpec.model_validate({"sampler": sampler, "trials": 6, "epochs": 1})


def played(spec: SearchSpec, seed: int, trials: int = 6) -> list[dict[str, Any]]:
    """Points of a search whose trials earn their depth, or 0 where they have none."""
    search, points = JobSearch(spec, seed, "accuracy"), []
    for number in range(trials):
        point = search.suggest(str(number))
        assert point is not None
        points.append(point)
        earned = float(point.get("mlp", {}).get("depth", 0))
        result = {"accuracy": earned, "training_iteration": spec.epochs}
        search.on_trial_result(str(number), result)
        search.on_trial_complete(str(number), result)
    return points


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_every_sampler_follows_its_seed_through_a_conditional_space(name: str) -> None:
    spec = short(name)
    points = played(spec, 1)
    assert points == played(spec, 1)
    assert points != played(spec, 2)
    for point in points:
        families = {"mlp", "lenet", "resnet"} & set(point)
        assert families <= {point["network"]}


def test_a_grid_tries_every_point_once() -> None:
    points = played(GRID, 0)
    # Two depths of the MLP and one LeNet, each at two rates.
    found = {(p["network"], p.get("mlp", {}).get("depth"), p["recipe"]["learning_rate"])
             for p in points}  # fmt: skip
    assert found == {
        (*network, rate)
        for network in (("mlp", 1), ("mlp", 2), ("lenet", None))
        for rate in (0.1, 0.01)
    }


def test_a_grid_has_an_end_and_no_ranges_of_real_numbers() -> None:
    given = GRID.model_dump()
    with pytest.raises(ValidationError, match="trials up to 6, the size of the grid, not 7"):
        SearchSpec.model_validate(given | {"trials": 7})
    with pytest.raises(ValidationError, match="a list of values for learning_rate"):
        SearchSpec.model_validate(given | {"recipe": {}})


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_a_search_goes_on_from_its_saved_state(name: str, tmp_path: Path) -> None:
    spec = short(name)
    search = JobSearch(spec, 1, "accuracy")
    search.suggest("0")
    search.save(str(tmp_path / "state"))
    again = JobSearch(spec, 1, "accuracy")
    again.restore(str(tmp_path / "state"))
    assert again.suggest("1") == search.suggest("1")
