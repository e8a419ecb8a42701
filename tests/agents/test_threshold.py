from __future__ import annotations

import numpy as np

from agents.problem import PruningProblem
from agents.threshold import global_threshold, relative

SCORES = (
    np.array([8, 7, 6, 5, 4, 3, 2, 1], np.float32),
    np.array([9, 5.5, 2.5, 0.5], np.float32),
)


def test_the_lowest_threshold_that_meets_the_target(problem: PruningProblem) -> None:
    # FLOPs are 288 w + 72 w v + 16 v, of which 2,336 may stay. Above 2.5 there are (6, 2)
    # channels with 1,728 + 864 + 32 = 2,624; above 3 there are (5, 2) with 2,192.
    assert global_threshold(SCORES, problem) == (5, 2)


def test_a_group_of_weak_channels_keeps_its_narrowest_width(problem: PruningProblem) -> None:
    weak = (SCORES[0], SCORES[1] / 100)
    # The second group goes first, to one of four channels: 288·6 + 72·6 + 16 = 2,176 fits.
    assert global_threshold(weak, problem) == (6, 1)


def test_scores_compare_after_division_by_their_groups_mean() -> None:
    first, second = relative((np.array([1, 3], np.float32), np.array([100, 100], np.float32)))
    np.testing.assert_array_equal(first, [0.5, 1.5])
    np.testing.assert_array_equal(second, [1, 1])


def test_scores_that_are_all_zero_stay() -> None:
    np.testing.assert_array_equal(relative((np.zeros(2, np.float32),))[0], [0, 0])
