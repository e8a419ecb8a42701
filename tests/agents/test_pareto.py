from __future__ import annotations

import numpy as np

from agents.pareto import front, is_non_dominated
from secateur.records import Episode


def played(*outcomes: tuple[float, int]) -> list[Episode]:
    return [
        Episode(number=number, widths=(number + 1,), reward=reward, flops=flops)
        for number, (reward, flops) in enumerate(outcomes)
    ]


def test_the_front_of_five_points() -> None:
    # (1, 5) and (4, 2) and (5, 1) stand; (4, 1) falls to (4, 2) and (5, 1), (0, 5) to (1, 5).
    points = np.array([[1, 5], [4, 2], [4, 1], [5, 1], [0, 5]], dtype=np.float64)
    assert is_non_dominated(points).tolist() == [True, True, False, True, False]


def test_equal_points_do_not_dominate_each_other() -> None:
    points = np.array([[1, 1], [1, 1], [0, 1]], dtype=np.float64)
    assert is_non_dominated(points).tolist() == [True, True, False]


def test_three_objectives() -> None:
    points = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 0]], dtype=np.float64)
    assert is_non_dominated(points).tolist() == [True, True, False]


def test_a_front_marks_what_brute_force_marks() -> None:
    points = np.random.default_rng(0).integers(0, 6, (40, 2)).astype(np.float64)
    beaten = [
        any(all(other >= point) and any(other > point) for other in points) for point in points
    ]
    assert is_non_dominated(points).tolist() == [not lost for lost in beaten]


def test_the_front_of_episodes_rewards_much_accuracy_and_few_flops() -> None:
    episodes = played((0.9, 100), (0.5, 40), (0.4, 60), (0.7, 70), (0.9, 120))
    assert front(episodes) == (episodes[1], episodes[3], episodes[0])


def test_the_first_of_equal_episodes_stands_for_all() -> None:
    episodes = played((0.5, 40), (0.5, 40))
    assert front(episodes) == (episodes[0],)
