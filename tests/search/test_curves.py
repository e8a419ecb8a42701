"""Which curves of a search are kept, worked out on trials of a few epochs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from search.curves import BEST, STOPPED, curves
from secateur.records import SearchResult, TrialRecord


def trial(like: TrialRecord, number: int, accuracy: float, status: str, epochs: int = 2):
    fields = {"number": number, "accuracy": accuracy, "status": status, "epochs": epochs}
    return like.model_copy(update=fields)


def row(epoch: int, score: float, loss: float) -> dict[str, Any]:
    return {"epoch": epoch, "validation_accuracy": score, "validation_loss": loss, "last": False}


def test_the_best_come_first_then_stopped_ones_from_first_to_last(searched: SearchResult) -> None:
    like = searched.best
    # Odd numbers were stopped; the higher an even one, the better.
    trials = [
        trial(like, number, 0.5 + number / 1000, ("finished", "stopped")[number % 2])
        for number in range(100)
    ]
    # The chosen one is cheaper than the most accurate ones, and first all the same.
    kept = curves(trials, trials[10], lambda _: [row(1, 0.5, 1.0), row(2, 0.6, 0.9)])
    numbers = [curve.trial for curve in kept]
    assert numbers[:BEST] == [10, 98, 96, 94, 92, 90, 88, 86, 84, 82]
    stopped = numbers[BEST:]
    assert len(stopped) == STOPPED
    assert stopped == sorted(stopped)
    assert {number % 2 for number in stopped} == {1}
    assert (stopped[0], stopped[-1]) == (1, 99)


def test_a_trial_that_began_anew_has_each_epoch_once(searched: SearchResult) -> None:
    # Interrupted after three epochs; begun again, it ended with its second.
    rows = [row(1, 0.1, 3), row(2, 0.2, 2), row(3, 0.3, 1), row(1, 0.4, 1.5), row(2, 0.5, 1.25)]
    best = trial(searched.best, 0, 0.5, "finished")
    (curve,) = curves([best], best, lambda _: rows)
    assert (curve.scores, curve.losses) == ((0.4, 0.5), (1.5, 1.25))


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_curve_ends_before_what_is_not_finite(broken: float, searched: SearchResult) -> None:
    best = trial(searched.best, 0, 0.5, "finished", epochs=3)
    rows = [row(1, 0.123456789, 3), row(2, 0.2, broken), row(3, 0.3, 1)]
    (curve,) = curves([best], best, lambda _: rows)
    assert (curve.scores, curve.losses) == ((0.12346,), (3.0,))


def test_without_reports_there_is_no_curve(searched: SearchResult) -> None:
    assert curves([searched.best], searched.best, lambda _: []) == ()


def test_records_of_older_searches_have_no_curves(searched: SearchResult) -> None:
    older = searched.model_dump(exclude={"curves"})
    assert SearchResult.model_validate(older).curves == ()
