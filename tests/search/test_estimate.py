from __future__ import annotations

from math import inf

import pytest

from search.estimate import StepsLeft, TrialsLeft


def test_trials_that_wait_and_run_are_shared_out() -> None:
    # Four ended in 10 s each; of the two that run one has 7 s to go, one 4; six wait.
    outlook = TrialsLeft(total=12, ended=4, worked=40, begun=(97, 94), workers=2)
    # 60 + 7 + 4 s of work for two.
    assert outlook.left(100) == pytest.approx(35.5)
    # Time passes: both are 2 s nearer to their end.
    assert outlook.left(102) == pytest.approx(33.5)


def test_early_stops_make_the_usual_trial_shorter() -> None:
    # Two whole trials of 30 s, four that were stopped after 3 s: 12 s in the mean.
    outlook = TrialsLeft(total=8, ended=6, worked=72, begun=(100, 100), workers=2)
    assert outlook.left(100) == pytest.approx(12)


def test_the_last_trial_cannot_be_shared_out() -> None:
    outlook = TrialsLeft(total=5, ended=4, worked=40, begun=(99,), workers=4)
    assert outlook.left(100) == pytest.approx(9)


def test_a_trial_that_is_late_is_given_more() -> None:
    outlook = TrialsLeft(total=5, ended=4, worked=40, begun=(50,), workers=2)
    assert outlook.left(100) == pytest.approx(5)


@pytest.mark.parametrize(("ended", "workers"), [(0, 1), (1, 2), (3, 4)])
def test_no_estimate_before_as_many_ended_as_run_at_once(ended: int, workers: int) -> None:
    outlook = TrialsLeft(total=9, ended=ended, worked=5, begun=(1,), workers=workers)
    assert outlook.left(2) is None


def test_without_a_number_of_trials_there_is_no_end() -> None:
    assert TrialsLeft(None, ended=5, worked=9, begun=(), workers=1).left(3) == inf


def test_steps_are_shared_out_among_workers() -> None:
    # 20 steps took 40 s of work; 10 are left, in two even rows, for two.
    outlook = StepsLeft(steps=(5, 5), done=20, worked=40, workers=2, at=100)
    assert outlook.left(100) == pytest.approx(10)
    assert outlook.left(103) == pytest.approx(7)
    assert outlook.left(200) == 0


def test_the_longest_row_of_steps_cannot_be_shared_out() -> None:
    outlook = StepsLeft(steps=(9, 1), done=20, worked=40, workers=2, at=100)
    assert outlook.left(100) == pytest.approx(18)


def test_rows_that_wait_for_room_count() -> None:
    # Four rows of 5 for two workers: 20 steps of 2 s, two at a time.
    outlook = StepsLeft(steps=(5, 5, 5, 5), done=20, worked=40, workers=2, at=0)
    assert outlook.left(0) == pytest.approx(20)


def test_no_estimate_from_first_steps() -> None:
    assert StepsLeft(steps=(9, 9), done=3, worked=40, workers=2, at=0).left(1) is None
