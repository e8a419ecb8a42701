"""Which trial wins, and which are kept in detail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from search.curves import BEST
from search.generation.choice import choose
from search.generation.curves import curve, curves
from secateur.records import (
    GenerativeMetrics,
    GenerativeSearchResult,
    GenerativeTrial,
    Likeness,
)


def test_the_least_distance_of_those_that_finished_wins(searched: GenerativeSearchResult) -> None:
    # 4.0, 2.0, and 9.0, which has collapsed; 12.0 was stopped.
    assert choose(searched.trials).number == 2


def test_a_collapsed_one_wins_only_where_no_other_is_left(
    searched: GenerativeSearchResult, like: Callable[..., Likeness]
) -> None:
    first, _, third, _, fifth = searched.trials
    best = fifth.model_copy(update={"likeness": like(0.5, collapsed=True)})
    assert choose([first, third, best]).number == third.number
    assert choose([best]).number == best.number


def test_of_equal_distances_the_fewest_flops_win(searched: GenerativeSearchResult) -> None:
    first, *_ = searched.trials
    twin = first.model_copy(update={"number": 9, "flops": 1})
    assert choose([first, twin]).number == 9


def rows(*steps: int, distance: float = 1.0) -> list[dict[str, Any]]:
    """What a trial reports that is judged at every step."""
    likeness = Likeness(
        judge="j", images=9, real=9, distance=distance, kernel_distance=0, coverage=1,
        collapsed=False,
    )  # fmt: skip
    return [
        {
            "likeness": likeness.model_dump_json(),
            "metrics": f"[{_metrics(step - 1)},{_metrics(step)}]",
        }
        for step in steps
    ]


def _metrics(step: int) -> str:
    return GenerativeMetrics(step=step, losses={"critic": 0.5}, seconds=step).model_dump_json()


def test_a_curve_has_every_interval_and_every_judgement() -> None:
    found = curve(3, rows(2, 4))
    assert [metrics.step for metrics in found.metrics] == [1, 2, 3, 4]
    assert [judged.step for judged in found.judged] == [2, 4]
    assert found.trial == 3


def test_a_trial_that_began_anew_has_the_curve_of_its_last_training() -> None:
    # Interrupted after four steps; begun again, it ended with its second, as its time was over.
    found = curve(0, [*rows(2, 4, distance=5), *rows(2, distance=3)])
    assert [(judged.step, judged.likeness.distance) for judged in found.judged] == [(2, 3)]
    assert [metrics.step for metrics in found.metrics] == [1, 2]


def test_the_best_are_kept_first_and_failed_ones_never(searched: GenerativeSearchResult) -> None:
    reported = {number: rows(2) for number in range(5)}
    found = curves(searched.trials, reported.__getitem__)
    # Finished: 2, 0, and 4, which has collapsed; then the stopped one.
    assert [one.trial for one in found] == [2, 0, 4, 1]


def test_no_more_than_some_are_kept(searched: GenerativeSearchResult) -> None:
    first, *_ = searched.trials
    many: list[GenerativeTrial] = [
        first.model_copy(update={"number": number}) for number in range(2 * BEST)
    ]
    assert len(curves(many, lambda _: rows(2))) == BEST
