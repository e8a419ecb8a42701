from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from optuna.trial import TrialState
from pydantic import ValidationError

from search.searcher import SAMPLERS, JobSearch
from secateur.spec import SearchSpec
from secateur.spec.exploration import Sampler

SPEC = SearchSpec(trials=4, epochs=3)


def ended(result: dict[str, Any] | None, *, error: bool = False) -> TrialState:
    """How Optuna sees a trial that ended with a result."""
    search = JobSearch(SPEC, 0, "accuracy", "flops")
    search.suggest("a")
    for epoch in range(1, (result or {}).get("training_iteration", 0) + 1):
        search.on_trial_result("a", {"accuracy": 0.1 * epoch, "training_iteration": epoch})
    search.on_trial_complete("a", result, error)
    (trial,) = search._ot_study.trials
    return trial.state


@pytest.mark.parametrize(
    ("result", "error", "state"),
    [
        ({"accuracy": 0.3, "training_iteration": 3, "last": True}, False, TrialState.COMPLETE),
        ({"accuracy": 0.1, "training_iteration": 1, "last": False}, False, TrialState.PRUNED),
        ({"accuracy": 0.1, "training_iteration": 1, "last": False}, True, TrialState.FAIL),
        ({"training_iteration": 3}, False, TrialState.FAIL),
        ({"accuracy": float("nan"), "last": True}, False, TrialState.FAIL),
        (None, False, TrialState.FAIL),
        (None, True, TrialState.FAIL),
    ],
)
def test_optuna_is_told_how_a_trial_ended(
    result: dict[str, Any] | None, error: bool, state: TrialState
) -> None:
    assert ended(result, error=error) is state


def test_a_trial_that_begins_again_reports_each_epoch_once() -> None:
    search = JobSearch(SPEC, 0, "accuracy", "flops")
    search.suggest("a")
    for epoch in (1, 2, 1, 2, 3):
        search.on_trial_result("a", {"accuracy": 0.1 * epoch, "training_iteration": epoch})
    (trial,) = search._ot_study.trials
    assert list(trial.intermediate_values) == [1, 2, 3]


def test_suggestions_follow_the_seed() -> None:
    first, again, other = (
        JobSearch(SPEC, seed, "accuracy", "flops").suggest("a") for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_no_more_is_suggested_once_there_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = False
    monkeypatch.setitem(JobSearch.enough, "job", lambda: enough)
    search = JobSearch(SPEC, 0, "accuracy", "flops", name="job")
    other = JobSearch(SPEC, 0, "accuracy", "flops", name="another")
    assert isinstance(search.suggest("a"), dict)
    enough = True
    assert search.suggest("b") == JobSearch.FINISHED
    assert isinstance(other.suggest("b"), dict)


def test_specs_name_every_sampler() -> None:
    assert set(get_args(Sampler)) == set(SAMPLERS)


@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - {"grid"}))
def test_every_sampler_does_without_a_number_of_trials(name: str) -> None:
    spec = SearchSpec.model_validate({"sampler": name, "epochs": 1, "budget": {"minutes": 1}})
    assert spec.most is None
    assert len(played(spec, 0, trials=3)) == 3


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
    search, points = JobSearch(spec, seed, "accuracy", "flops"), []
    for number in range(trials):
        point = search.suggest(str(number))
        assert point is not None
        points.append(point)
        earned = float(point.get("mlp", {}).get("depth", 0))
        result = {"accuracy": earned, "flops": number, "training_iteration": 1, "last": True}
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
    search = JobSearch(spec, 1, "accuracy", "flops")
    search.suggest("0")
    search.save(str(tmp_path / "state"))
    again = JobSearch(spec, 1, "accuracy", "flops")
    again.restore(str(tmp_path / "state"))
    assert again.suggest("1") == search.suggest("1")


CONDITIONAL = {
    "vgg": {"kind": "vgg", "depth": [11, 13], "width": [0.25, 0.5]},
    "lenet": {"kind": "lenet", "width": 1.0, "pooling": ["max", "average"]},
    "mlp": {"kind": "mlp", "depth": 1, "width": 8},
}
OPEN: dict[str, set[str]] = {"vgg": {"depth", "width"}, "lenet": {"pooling"}, "mlp": set()}


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_dimensions_exist_for_their_family_alone(name: str) -> None:
    spec = SearchSpec.model_validate(
        {
            "sampler": name,
            # All points: four of VGG, two of LeNet, one MLP, each at two rates.
            "trials": 14,
            "epochs": 1,
            "networks": list(CONDITIONAL.values()),
            "recipe": {"learning_rate": [0.1, 0.01], "weight_decay": 0.0, "batch_size": 8,
                       "optimizer": "adam"},
        }
    )  # fmt: skip
    points = played(spec, 0, trials=14)
    for point in points:
        family = point["network"]
        assert set(point) == {"network", "recipe"} | ({family} if OPEN[family] else set())
        assert set(point.get(family, {})) == OPEN[family]
    assert {point["network"] for point in points} == set(CONDITIONAL)


NSGA2 = SearchSpec(sampler="nsga2", trials=8, epochs=2, min_accuracy=0.5)


@pytest.mark.parametrize(
    ("accuracy", "last", "state"),
    [
        (0.9, True, TrialState.COMPLETE),
        (0.9, False, TrialState.PRUNED),  # stopped early
        (0.4, True, TrialState.PRUNED),  # below the floor
    ],
)
def test_nsga2_breeds_from_full_budgets_above_the_floor_alone(
    accuracy: float, last: bool, state: TrialState
) -> None:
    search = JobSearch(NSGA2, 0, "accuracy", "flops")
    search.suggest("a")
    result = {"accuracy": accuracy, "flops": 10, "training_iteration": 1, "last": last}
    search.on_trial_result("a", result)
    search.on_trial_complete("a", result)
    (trial,) = search._ot_study.trials
    assert trial.state is state
    if state is TrialState.COMPLETE:
        assert trial.values == [0.9, 10]


def test_nsga2_finds_what_is_accurate_at_few_flops() -> None:
    """Accuracy and FLOPs both grow with depth, and width costs without a gain."""
    spec = SearchSpec.model_validate(
        {
            "sampler": "nsga2",
            "trials": 80,
            "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 4}, "dropout": 0.0,
                          "width": {"low": 1, "high": 64}}],
            "recipe": {"learning_rate": 0.1, "weight_decay": 0.0, "batch_size": 8,
                       "optimizer": "adam"},
        }
    )  # fmt: skip
    search, widths = JobSearch(spec, 0, "accuracy", "flops"), []
    for number in range(80):
        point = search.suggest(str(number))
        assert point is not None
        depth, width = point["mlp"]["depth"], point["mlp"]["width"]
        widths.append(width)
        result = {"accuracy": depth / 4, "flops": depth * width, "training_iteration": 1,
                  "last": True}  # fmt: skip
        search.on_trial_complete(str(number), result)
    # Twenty at random, then three generations of twenty.
    assert sum(widths[60:]) < sum(widths[:20]) / 2
