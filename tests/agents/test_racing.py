from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import pytest

from agents.judge import Judge
from agents.racing import DOUBT, Race, bound
from agents.rewards import accuracy_alone

Widths = tuple[int, ...]


class Scripted:
    """A judge of 1,000 images in ten batches whose networks answer as they are told."""

    images, batches = 1000, 10

    def __init__(
        self,
        answers: dict[Widths, np.ndarray],
        worth: Callable[[float, Widths], float] = accuracy_alone,
    ) -> None:
        self._answers, self.worth = answers, worth
        self.ran: dict[Widths, int] = dict.fromkeys(answers, 0)

    def tallies(self, widths: Widths) -> Iterator[tuple[int, int]]:
        for seen in range(100, 1001, 100):
            self.ran[widths] += 1
            yield int(self._answers[widths][:seen].sum()), seen


def race(judge: Scripted, places: int = 1) -> Race:
    return Race(cast("Judge", judge), places)


def answers(accuracy: float, seed: int = 0) -> np.ndarray:
    right = np.arange(1000) < round(1000 * accuracy)
    return np.random.default_rng(seed).permutation(right)


def test_the_bound_is_the_exact_one() -> None:
    # None of 2 seen out of 4 right.  Were 2 of the 4 right: C(2,2) / C(4,2) = 1/6; were 1
    # right: C(3,2) / C(4,2) = 1/2; at a doubt of 0.2 the first is ruled out.
    assert bound(0, 2, 4, 0.2) == 0.25
    assert bound(0, 2, 4, 0.1) == 0.5
    # With 10 images to come no more than they can be added; at the end it is the accuracy.
    assert bound(500, 990, 1000, 0.01) == pytest.approx(0.51, abs=0.003)
    assert bound(421, 1000, 1000, 0.01) == 0.421


def test_it_is_exceeded_no_more_often_than_stated() -> None:
    exceeded = [
        bound(int(answers(0.4, seed)[:100].sum()), 100, 1000, 0.05) < 0.4 for seed in range(2000)
    ]
    assert np.mean(exceeded) < 0.05


def test_a_candidate_far_behind_is_given_up_after_half_of_the_images() -> None:
    judge = Scripted({(1,): answers(0.9), (2,): answers(0.2, 1)})
    racing = race(judge)
    assert racing((1,)) == 0.9
    assert racing((2,)) == answers(0.2, 1)[:500].mean()
    assert judge.ran == {(1,): 10, (2,): 5}


def test_candidates_near_the_best_are_judged_in_full() -> None:
    judge = Scripted({(1,): answers(0.5), (2,): answers(0.49, 1), (3,): answers(0.51, 2)})
    racing = race(judge)
    assert [racing((1,)), racing((2,)), racing((3,))] == [0.5, 0.49, 0.51]
    assert judge.ran[3,] == 10


def test_as_many_as_there_are_places_are_judged_in_full() -> None:
    judge = Scripted({(1,): answers(0.9), (2,): answers(0.1), (3,): answers(0.1, 1)})
    racing = race(judge, places=2)
    for widths in judge.ran:
        racing(widths)
    assert judge.ran[2,] == 10
    # The second best has 0.1: nothing near it is given up before the end.
    assert judge.ran[3,] == 10


def test_the_same_widths_are_answered_alike_and_from_memory() -> None:
    judge = Scripted({(1,): answers(0.9), (2,): answers(0.2, 1)})
    racing = race(judge)
    first = [racing((2,)), racing((1,)), racing((2,))]
    assert first[0] == first[2] == 0.2
    assert judge.ran == {(1,): 10, (2,): 10}


def test_what_is_remembered_counts_as_judged() -> None:
    judge = Scripted({(1,): answers(0.9), (2,): answers(0.2, 1)})
    racing = race(judge)
    racing.remember((1,), 0.9)
    assert racing((1,)) == 0.9
    racing((2,))
    assert judge.ran == {(1,): 0, (2,): 5}


def test_rewards_below_zero_race_too() -> None:
    judge = Scripted(
        {(1,): answers(0.9), (2,): answers(0.2, 1)}, lambda accuracy, _: -(1 - accuracy) * 17
    )
    racing = race(judge)
    assert racing((1,)) == pytest.approx(-1.7)
    racing((2,))
    assert judge.ran[2,] == 5


def test_the_best_few_are_those_of_judging_in_full() -> None:
    generator = np.random.default_rng(1)
    wrong = 0
    for trial in range(20):
        accuracies = generator.uniform(0.1, 0.6, 60)
        told = {(n,): answers(a, 100 * trial + n) for n, a in enumerate(accuracies)}
        judge = Scripted(told)
        racing = race(judge, places=5)
        rewards = {widths: racing(widths) for widths in told}
        best = sorted(told, key=lambda widths: -told[widths].mean())[:5]
        wrong += sorted(rewards, key=lambda widths: -rewards[widths])[:5] != best
        assert sum(judge.ran.values()) < 0.75 * 600
    assert wrong <= 20 * 60 * DOUBT
