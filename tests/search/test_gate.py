from __future__ import annotations

import pytest

from search.evaluate import Candidate, choose
from secateur.gate import failures
from secateur.records import Cost, Evaluation
from secateur.spec import PublishSpec


@pytest.mark.parametrize(
    ("gate", "misses"),
    [
        (PublishSpec(min_accuracy=0.97, max_accuracy_drop=0.01, min_flops_cut=0.5), []),
        (PublishSpec(min_accuracy=0.976), ["accuracy 97.50% is below publish.min_accuracy 97.60%"]),
        (
            PublishSpec(max_accuracy_drop=0.001),
            ["accuracy drop 0.50% is above publish.max_accuracy_drop 0.10%"],
        ),
        (
            PublishSpec(min_flops_cut=0.6),
            ["FLOPs cut 50.00% is below publish.min_flops_cut 60.00%"],
        ),
        (PublishSpec(min_accuracy=1.0, max_accuracy_drop=0.0, min_flops_cut=0.9), [""] * 3),
    ],
)
def test_each_missed_figure_is_named(
    evaluation: Evaluation, gate: PublishSpec, misses: list[str]
) -> None:
    lines = failures(gate, evaluation.dense.figures, evaluation.champion.figures)
    assert len(lines) == len(misses)
    assert all(line.startswith(miss) for line, miss in zip(lines, misses, strict=True))


@pytest.mark.parametrize("count", [50, 100, 1000])
def test_a_figure_at_its_very_bound_holds(evaluation: Evaluation, count: int) -> None:
    """Shares of a test split are fractions, and their differences are not exact in floats."""
    dense = evaluation.dense.figures.model_copy(update={"flops": 1000})
    gate, less = PublishSpec(max_accuracy_drop=0.02, min_flops_cut=0.1), count // 50
    for right in range(count // 2, count + 1):
        before = dense.model_copy(update={"accuracy": right / count})
        after = dense.model_copy(update={"accuracy": (right - less) / count, "flops": 900})
        assert failures(gate, before, after) == ()
        worse = after.model_copy(update={"accuracy": (right - less - 1) / count})
        assert len(failures(gate, before, worse)) == 1


def test_a_regression_is_told_of_its_r2(evaluation: Evaluation) -> None:
    figures = evaluation.champion.figures.model_copy(update={"mse": 2.0, "mae": 1.0})
    (line,) = failures(PublishSpec(min_accuracy=1.0), evaluation.dense.figures, figures)
    assert line == "R² 97.50% is below publish.min_accuracy 100.00%"


@pytest.mark.parametrize(
    ("drop", "chosen"),
    [
        (0.06, 1),  # both are sound: the smaller one
        (0.02, 0),  # 0.985 is, 0.94 is not
        (0.001, 0),  # neither is: the more accurate one
    ],
)
def test_the_choice_is_made_on_validation_accuracies(
    evaluation: Evaluation, drop: float, chosen: int
) -> None:
    candidates = [
        Candidate(
            model.target,
            model.artifact,
            model.validation_accuracy,
            Cost(flops=model.figures.flops, parameters=model.figures.parameters),
        )
        for model in (evaluation.dense, *evaluation.compressed)
    ]
    assert choose(PublishSpec(max_accuracy_drop=drop), *candidates) == chosen
