"""Pictures of a search: what they show, worked out on small searches."""

from __future__ import annotations

from pathlib import Path

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from search.front import choose, front
from search.pictures import draw
from search.pictures.importance import ALL, importance, points, shares
from search.pictures.look import fence
from search.pictures.parallel import Scale, parallel
from search.space import realise
from secateur.records import Evaluation, SearchResult, TrialRecord
from secateur.spec import JobSpec, parse

NETWORKS = [{"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [16, 32, 64]},
            {"kind": "lenet", "width": [1.0, 2.0]}]  # fmt: skip
SPEC = parse(
    {
        "name": "job",
        "data": {"kind": "digits"},
        "search": {
            "networks": NETWORKS,
            "recipe": {"optimizer": "adam", "weight_decay": 0.0, "batch_size": [32, 64],
                       "learning_rate": {"low": 0.001, "high": 0.1, "log": True}},
        },
    }
)  # fmt: skip


def searched(spec: JobSpec = SPEC, count: int = 24) -> SearchResult:
    """MLPs, and a LeNet every fourth time, whose accuracy follows their depth or width alone."""
    trials = []
    for number in range(count):
        depth, recipe = 1 + number % 3, {
            "batch_size": 32 * (1 + number % 2), "learning_rate": 0.001 * 1.2 ** (number % 20),
        }  # fmt: skip
        point = (
            {"network": "lenet", "lenet": {"width": 1.0 + number // 4 % 2}}
            if number % 4 == 3
            else {"network": "mlp", "mlp": {"depth": depth, "width": 16 * 2 ** (number % 3)}}
        )
        architecture, how = realise(spec, point | {"recipe": recipe}, (1, 8, 8), 10)
        trials.append(
            TrialRecord(
                number=number, architecture=architecture, recipe=how, epochs=how.epochs,
                accuracy=0.9 + 0.02 * depth, status="finished", flops=1000 * depth,
            )
        )  # fmt: skip
    return SearchResult(
        trials=tuple(trials),
        best=choose(spec.search, trials),
        artifact="models/dense",
        front=tuple(trial.number for trial in front(spec.search, trials)),
    )


def test_importance_finds_what_the_accuracy_follows() -> None:
    found = [point for _, point in points(SPEC, searched()) if point.params["network"] == "mlp"]
    by_name = shares(found)
    assert set(by_name) == {"mlp/depth", "mlp/width", "recipe/batch_size", "recipe/learning_rate"}
    assert sum(by_name.values()) == pytest.approx(1)
    # Depth and width rise and fall together here, so either may stand for both.
    assert by_name["mlp/depth"] + by_name["mlp/width"] > 0.8


def test_families_are_compared_in_what_they_share_and_each_in_its_own() -> None:
    figure = importance(SPEC, searched(count=48))
    assert figure is not None
    panels = {axes.get_title(): [label.get_text() for label in axes.get_yticklabels()]
              for axes in figure.axes}  # fmt: skip
    assert set(panels) == {f"{ALL}, 48 trials", "lenet, 12 trials", "mlp, 36 trials"}
    assert set(panels[f"{ALL}, 48 trials"]) == {"network", "batch size", "learning rate"}
    assert "depth" in panels["mlp, 36 trials"]
    assert "depth" not in panels["lenet, 12 trials"]


def test_parallel_coordinates_have_a_panel_a_family_with_its_own_axes() -> None:
    figure = parallel(SPEC, searched())
    assert figure is not None
    lenet, mlp = figure.axes
    names = [[label.get_text() for label in axes.get_xticklabels()] for axes in (lenet, mlp)]
    recipe = ["learning\nrate", "batch\nsize", "accuracy,\n%"]
    assert names == [["width", *recipe], ["depth", "width", *recipe]]
    # A line a trial, and an upright one a dimension.
    assert len(mlp.lines) == 18 + 5


def test_few_trials_make_no_picture_of_dimensions(
    spec: JobSpec, evaluation: Evaluation, tmp_path: Path
) -> None:
    few = searched(count=4)
    assert importance(SPEC, few) is None
    assert parallel(SPEC, few) is None
    # Nor does a job that prunes nothing have pictures of cuts.
    files = draw(SPEC, few, (), evaluation, tmp_path)
    assert [file.stem for file in files] == ["search", "search-costs"]
    assert all(file.stat().st_size > 10_000 for file in files)


def test_failures_lie_below_the_fence() -> None:
    # Quartiles 90 and 92 of five values: 1.5 times their distance below the lower one is 87.
    assert fence([10, 90, 91, 92, 93]) == 87
    assert fence([90, 91, 92, 93]) == 90


@pytest.mark.parametrize(
    ("distribution", "value", "place"),
    [
        (FloatDistribution(0.001, 0.1, log=True), 0.01, 0.5),
        (FloatDistribution(0.0, 4.0), 1.0, 0.25),
        (FloatDistribution(0.0, 4.0), 5.0, 1.0),
        (IntDistribution(1, 3), 2, 0.5),
        (CategoricalDistribution(["a", "b", "c"]), "c", 1.0),
    ],
)
def test_where_a_value_lies_on_its_axis(distribution, value, place: float) -> None:
    assert Scale.of("recipe/x_y", distribution).place(value) == pytest.approx(place)
    assert Scale.of("recipe/x_y", distribution).name == "x y"
