from __future__ import annotations

import pytest

from secateur.errors import ClusterError, ClusterRefusedError
from serving.jobs.patience import patiently
from tests.clock import Clock


class Head:
    """Is away for so many looks, of a minute each."""

    def __init__(self, away: int, clock: Clock) -> None:
        self._away, self._clock = away, clock

    def __call__(self) -> str:
        self._clock.now += 60
        self._away -= 1
        if self._away >= 0:
            raise ClusterError("away")
        return "there"


def test_a_cluster_that_comes_back_in_time() -> None:
    clock = Clock()
    assert patiently(Head(4, clock), 0, patience=300, clock=clock) == "there"
    assert clock.now == 300


def test_a_cluster_that_does_not() -> None:
    clock = Clock()
    with pytest.raises(ClusterError, match="away"):
        patiently(Head(9, clock), 0, patience=300, clock=clock)
    assert clock.now == 300


def test_a_cluster_that_answers_no_is_not_asked_again() -> None:
    def refuses() -> str:
        raise ClusterRefusedError("asks for a token")

    with pytest.raises(ClusterRefusedError):
        patiently(refuses, 0)
