"""Pictures of a search: what they show, worked out on small searches."""

from __future__ import annotations

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from search.pictures.curves import curves
from search.pictures.importance import ALL, importance, shares
from search.pictures.parallel import Scale, parallel
from search.pictures.points import MOST, Points
from search.pictures.trials import trials
from secateur.spec import JobSpec
from tests.search.pictures.conftest import Searching


def test_importance_finds_what_the_accuracy_follows(space: JobSpec, searching: Searching) -> None:
    points = Points.of(space, searching(24))
    by_name = shares([point for _, point in points.pairs if point.params["network"] == "mlp"])
    assert set(by_name) == {"mlp/depth", "mlp/width", "recipe/batch_size", "recipe/learning_rate"}
    assert sum(by_name.values()) == pytest.approx(1)
    # Depth and width rise and fall together here, so either may stand for both.
    assert by_name["mlp/depth"] + by_name["mlp/width"] > 0.8


def test_families_are_compared_in_what_they_share_and_each_in_its_own(
    space: JobSpec, searching: Searching
) -> None:
    searched = searching(48)
    sketch = importance(Points.of(space, searched), searched, "accuracy")
    assert sketch is not None
    panels = {axes.get_title("left"): [label.get_text() for label in axes.get_yticklabels()]
              for axes in sketch.figure.axes}  # fmt: skip
    assert set(panels) == {f"{ALL}, 48 trials", "lenet, 12 trials", "mlp, 36 trials"}
    assert set(panels[f"{ALL}, 48 trials"]) == {"network", "batch size", "learning rate"}
    assert "depth" in panels["mlp, 36 trials"]
    assert "depth" not in panels["lenet, 12 trials"]


def test_parallel_coordinates_have_a_panel_a_family_with_its_own_axes(
    space: JobSpec, searching: Searching
) -> None:
    sketch = parallel(Points.of(space, searching(24)), "accuracy")
    assert sketch is not None
    lenet, mlp = sketch.figure.axes
    names = [[label.get_text() for label in axes.get_xticklabels()] for axes in (lenet, mlp)]
    recipe = ["learning\nrate", "batch\nsize", "accuracy"]
    assert names == [["width", *recipe], ["depth", "width", *recipe]]
    # A line a trial, and an upright one a dimension.
    assert len(mlp.lines) == 18 + 5


def test_few_trials_make_no_picture_of_dimensions(space: JobSpec, searching: Searching) -> None:
    few = searching(4)
    points = Points.of(space, few)
    assert importance(points, few, "accuracy") is None
    assert parallel(points, "accuracy") is None


def test_of_many_trials_some_are_drawn_and_the_best(space: JobSpec, searching: Searching) -> None:
    searched = searching(MOST + 100)
    # One that an even draw of 300 out of 400, three of four, leaves out.
    drawn = {trial.number for trial, _ in Points.of(space, searched).pairs}
    left_out = next(trial for trial in searched.trials if trial.number not in drawn)
    points = Points.of(space, searched.model_copy(update={"best": left_out}))
    numbers = [trial.number for trial, _ in points.pairs]
    assert left_out.number in numbers
    assert numbers == sorted(set(numbers))
    assert MOST <= len(numbers) <= MOST + 2
    assert points.drawn == "300 of 400 trials"
    assert Points.of(space, searching(MOST)).drawn == ""


def test_the_best_so_far_never_falls(searching: Searching) -> None:
    (axes,) = trials(searching(24), "accuracy").figure.axes
    best = axes.lines[-1].get_ydata()
    assert list(best) == sorted(best)
    assert best[-1] == pytest.approx(96)


def test_curves_of_stopped_trials_end_in_a_cross(searching: Searching) -> None:
    # Of the five trials whose curves are kept, the last was stopped.
    sketch = curves(searching(5), "accuracy")
    assert sketch is not None
    left, right = sketch.figure.axes
    for axes in (left, right):
        # Three MLPs and a LeNet, whose markers tell them apart where colours repeat.
        assert [line.get_marker() for line in axes.lines] == ["s", "s", "s", "o", "None", "x"]
    legend = [text.get_text() for text in sketch.figure.legends[0].get_texts()]
    assert legend == ["mlp", "lenet", "stopped early"]
    assert "the best 4 of 4 trials run to the end, and 1 of 1 stopped early" in sketch.says


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
