from __future__ import annotations

import numpy as np
import pytest

from agents.policies import Proposals
from agents.problem import PruningProblem
from agents.rivals.bee_colony import Source, neighbour, onlooker_chances, proposals, visit
from secateur.records import Episode
from secateur.spec import BeeColonySpec


def worth(reward: float) -> Episode:
    return Episode(number=0, widths=(1,), reward=reward, flops=1)


def drawn(search: Proposals, rewards: list[float]) -> list[np.ndarray]:
    """The proposals that come before each of the rewards."""
    wanted = [next(search)]
    wanted += [search.send(worth(reward)) for reward in rewards[:-1]]
    return wanted


def test_a_neighbour_lies_on_the_line_through_two_sources() -> None:
    ours, theirs = np.array([0.2, 0.8, 0.5]), np.array([0.6, 0.4, 0.0])
    # 0.2 + 0.5·(0.2 - 0.6) = 0; 0.8 + 1·(0.8 - 0.4) = 1.2, held to 1; no step, no change.
    new = neighbour(ours, theirs, np.array([0.5, 1, 0]))
    np.testing.assert_allclose(new, [0, 1, 0.5], atol=1e-12)


def test_onlookers_prefer_rich_sources() -> None:
    np.testing.assert_allclose(onlooker_chances([0.4, 0.8, 0.0]), [0.55, 1.0, 0.1])


@pytest.mark.parametrize("rewards", [[0.0, 0.0], [-1.0, -2.0]])
def test_without_a_good_source_all_attract(rewards: list[float]) -> None:
    np.testing.assert_array_equal(onlooker_chances(rewards), [1, 1])


@pytest.mark.parametrize(("reward", "moves"), [(0.6, True), (0.5, False), (0.4, False)])
def test_a_bee_moves_to_what_is_better_only(reward: float, moves: bool) -> None:
    sources = [Source(np.array([0.2, 0.8]), 0.5), Source(np.array([0.6, 0.4]), 0.9)]
    step = visit(sources, 0, 1, np.random.default_rng(0))
    wanted = next(step)
    with pytest.raises(StopIteration):
        step.send(worth(reward))
    assert (sources[0].wanted is wanted) == moves
    assert sources[0].trials == (0 if moves else 1)
    assert sources[0].reward == (reward if moves else 0.5)


def test_a_neighbour_differs_in_few_groups() -> None:
    sources = [Source(np.full(6, 0.2), 0.5), Source(np.full(6, 0.6), 0.5)]
    wanted = next(visit(sources, 0, 2, np.random.default_rng(0)))
    assert (wanted != sources[0].wanted).sum() == 2


def test_a_worn_source_is_given_up_for_a_random_one(problem: PruningProblem) -> None:
    spec = BeeColonySpec(sources=2, limit=1, changes=1)
    # Two sources are founded and nothing is ever better: two employed bees and, no reward
    # being positive, two onlookers fail; the seventh and eighth proposal are scouts'.
    wanted = drawn(proposals(spec, problem, 0), [0.0] * 8)
    founded = wanted[:2]
    for neighbouring in wanted[2:6]:
        assert min((neighbouring != source).sum() for source in founded) == 1
    for scouted in wanted[6:]:
        assert min((scouted != source).sum() for source in founded) == 2
