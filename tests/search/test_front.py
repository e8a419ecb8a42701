from __future__ import annotations

from typing import Literal

import pytest

from search.front import choose, front
from secateur.records import Architecture, Recipe, TrialRecord
from secateur.spec import SearchSpec

LENET = Architecture(name="lenet", input_shape=(1, 8, 8), classes=10)


def trial(
    number: int,
    accuracy: float | None,
    flops: int | None,
    status: Literal["finished", "stopped", "failed"] = "finished",
) -> TrialRecord:
    return TrialRecord(
        number=number, architecture=LENET, recipe=Recipe(), accuracy=accuracy, epochs=1,
        status=status, flops=flops,
    )  # fmt: skip


TRIALS = (
    trial(0, 0.90, 100),
    trial(1, 0.97, 500),
    trial(2, 0.95, 500),  # beaten by 1 at the same FLOPs
    trial(3, 0.99, 900),
    trial(4, 0.98, 1000),  # beaten by 3 in both
    trial(5, 0.999, 50, "stopped"),  # would beat all, but had less time
    trial(6, 0.99, 900),  # equals 3
    trial(7, None, None, "failed"),
    trial(8, 0.30, 10),
)


def numbers(**search: object) -> list[int]:
    return [found.number for found in front(SearchSpec.model_validate(search), TRIALS)]


def test_the_front_holds_finished_trials_that_none_beats_in_both() -> None:
    assert numbers() == [8, 0, 1, 3]


def test_what_is_below_the_least_accuracy_stays_out() -> None:
    assert numbers(min_accuracy=0.9) == [0, 1, 3]
    assert numbers(min_accuracy=0.995) == []


@pytest.mark.parametrize(
    ("search", "winner"),
    [
        ({}, 3),
        ({"max_accuracy_drop": 0.025}, 1),
        ({"max_accuracy_drop": 0.1}, 0),
        ({"max_accuracy_drop": 1.0}, 8),
        ({"max_accuracy_drop": 1.0, "min_accuracy": 0.5}, 0),
        # None is as accurate as that: the most accurate one wins.
        ({"min_accuracy": 0.995}, 3),
    ],
)
def test_the_cheapest_within_the_allowed_drop_wins(search: dict[str, float], winner: int) -> None:
    assert choose(SearchSpec.model_validate(search), TRIALS).number == winner


def test_of_equals_in_accuracy_the_cheaper_wins() -> None:
    assert choose(SearchSpec(), (trial(0, 0.9, 200), trial(1, 0.9, 100))).number == 1
