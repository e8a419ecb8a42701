from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from search.history import History, history, observed
from search.ledger import Ledger
from search.searcher import JobSearch
from search.space import realise
from secateur.errors import SpecError
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec, parse

SHAPE = (1, 8, 8)
NETWORKS = [{"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [16, 32]},
            {"kind": "lenet", "width": [1.0, 2.0]}]  # fmt: skip


def job(name: str = "later", **search: Any) -> JobSpec:
    recipe = {"optimizer": "adam", "weight_decay": 0.0, "batch_size": 32,
              "learning_rate": {"low": 0.001, "high": 0.1, "log": True}}  # fmt: skip
    base = {"trials": 4, "epochs": 3, "networks": NETWORKS, "recipe": recipe}
    if name == "later":
        base["warm_start"] = "before"
    return parse({"name": name, "data": {"kind": "digits"}, "search": base | search})


BEFORE = job("before")


def trial(number: int, accuracy: float, point: dict[str, Any], status: str = "finished") -> Any:
    architecture, recipe = realise(BEFORE, point, SHAPE, 10)
    return TrialRecord(
        number=number, architecture=architecture, recipe=recipe, accuracy=accuracy, epochs=3,
        status=status, flops=1000 + number,
    )  # fmt: skip


TRIALS = (
    trial(0, 0.90, {"network": "mlp", "mlp": {"depth": 1, "width": 16},
                    "recipe": {"learning_rate": 0.01}}),
    trial(1, 0.95, {"network": "mlp", "mlp": {"depth": 3, "width": 32},
                    "recipe": {"learning_rate": 0.02}}),
    trial(2, 0.99, {"network": "lenet", "lenet": {"width": 2.0},
                    "recipe": {"learning_rate": 0.05}}),
    trial(3, 0.999, {"network": "lenet", "lenet": {"width": 1.0},
                     "recipe": {"learning_rate": 0.05}}, "stopped"),
    trial(4, 0.80, {"network": "lenet", "lenet": {"width": 1.0},
                    "recipe": {"learning_rate": 0.002}}),
)  # fmt: skip


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    ledger = Ledger(tmp_path / "before")
    with ledger.held(BEFORE):
        result = SearchResult(trials=TRIALS, best=TRIALS[2], artifact="models/dense",
                              data_digest="same")  # fmt: skip
        ledger.write("search", SearchResult, result)
    return tmp_path


def rates(found: History) -> list[Any]:
    return [point["recipe/learning_rate"] for point in found.first]


def test_a_job_that_names_none_starts_from_nothing(jobs: Path) -> None:
    assert history(job(warm_start=None), jobs, "same") == History()


def test_the_best_finished_are_tried_first_and_all_finished_are_known(jobs: Path) -> None:
    found = history(job(), jobs, "same")
    assert found.first[0] == {"network": "lenet", "lenet/width": 2.0, "recipe/learning_rate": 0.05}
    # By accuracy: trials 2, 1 and 0; trial 3 was stopped.
    assert rates(found) == [0.05, 0.02, 0.01]
    assert [trial.value for trial in found.known] == [0.99, 0.95, 0.9, 0.8]


def test_what_is_outside_the_space_is_left_out(jobs: Path) -> None:
    mlp = {"kind": "mlp", "depth": {"low": 1, "high": 2}, "width": [16, 32]}
    # No LeNet here, and trial 1 has a depth of 3.
    assert rates(history(job(networks=[mlp]), jobs, "same")) == [0.01]
    # Fixed here, and other than any was trained with.
    with pytest.raises(SpecError, match="a finished trial inside this search space"):
        history(job(recipe={"optimizer": "sgd"}), jobs, "same")


def test_a_narrower_space_takes_what_it_fixes(jobs: Path) -> None:
    lenet = {"kind": "lenet", "width": 2.0}
    (point,) = history(job(networks=[lenet]), jobs, "same").first
    assert point == {"network": "lenet", "recipe/learning_rate": 0.05}


@pytest.mark.parametrize(
    ("change", "digest"), [({}, "other"), ({"epochs": 4}, "same"), ({"augment": True}, "same")]
)
def test_accuracies_reached_otherwise_are_not_told(
    jobs: Path, change: dict[str, Any], digest: str
) -> None:
    found = history(job(**change), jobs, digest)
    assert len(found.first) == 3
    assert found.known == ()


def test_a_job_that_is_not_there_is_named_with_those_that_are(jobs: Path) -> None:
    with pytest.raises(SpecError, match=r"search\.warm_start: 'none'.*has finished: before"):
        history(job(warm_start="none"), jobs, "same")
    with Ledger(jobs / "begun").held(job("begun")):
        pass
    with pytest.raises(SpecError, match=r"search\.warm_start: 'begun'"):
        history(job(warm_start="begun"), jobs, "same")


def test_a_search_begins_with_the_best_then_asks_a_sampler_that_knows(jobs: Path) -> None:
    spec = job(trials=30)  # a model is asked after ten trials that finished
    start = history(spec, jobs, "same")
    search = JobSearch(spec.search, 0, "accuracy", "flops", start)
    points = [search.suggest(str(number)) for number in range(3)]
    assert points[0] == {"network": "lenet", "lenet": {"width": 2.0},
                         "recipe": {"learning_rate": 0.05}}  # fmt: skip
    assert [point["recipe"]["learning_rate"] for point in points if point] == [0.05, 0.02, 0.01]
    assert len(search._ot_study.get_trials(states=[TrialState.COMPLETE])) == 4


def test_nsga2_breeds_from_what_is_known(jobs: Path) -> None:
    spec = job(sampler="nsga2", trials=4)
    start = history(spec, jobs, "same")
    assert start.known[0].values == [0.99, 1002]
    search = JobSearch(spec.search, 0, "accuracy", "flops", start)
    study = search._ot_study
    assert len(study.sampler.get_population(study, 0)) == 4
    assert study.sampler.get_population(study, 1) == []


def test_a_trial_of_this_space_comes_back_as_its_point() -> None:
    found = observed(BEFORE, TRIALS[1], [0.95])
    assert found is not None
    assert found.params == {
        "network": "mlp", "mlp/depth": 3, "mlp/width": 32, "recipe/learning_rate": 0.02
    }  # fmt: skip
