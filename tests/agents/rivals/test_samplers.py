"""Optuna's samplers over policies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agents.policies import Proposals
from agents.problem import PruningProblem
from agents.rivals import cmaes, nsga2, tpe
from secateur.records import Episode
from secateur.spec import CMAESSpec, NSGA2Spec, TPESpec


def played(search: Proposals, count: int, reward: Callable[[np.ndarray], float]) -> np.ndarray:
    """Proposals of a search that is paid by what it wanted, shape (count, groups)."""
    wanted = [next(search)]
    for number in range(count - 1):
        value = reward(wanted[-1])
        episode = Episode(
            number=number, widths=(1,), reward=value, flops=round(1e6 * wanted[-1][0])
        )
        wanted.append(search.send(episode))
    return np.array(wanted)


def near_a_corner(wanted: np.ndarray) -> float:
    """1 at (0.9, 0.1), linearly less in each group."""
    return float(1 - abs(wanted[0] - 0.9) / 2 - abs(wanted[1] - 0.1) / 2)


def far_from_it(wanted: np.ndarray) -> float:
    return -near_a_corner(wanted)


@pytest.mark.parametrize(
    "search",
    [
        lambda problem: tpe.proposals(TPESpec(), problem, 0),
        lambda problem: cmaes.proposals(CMAESSpec(), problem, 0),
    ],
    ids=["tpe", "cmaes"],
)
def test_a_sampler_closes_in_on_what_pays(
    problem: PruningProblem, search: Callable[[PruningProblem], Proposals]
) -> None:
    wanted = played(search(problem), 60, near_a_corner)
    assert wanted.min() >= 0
    assert wanted.max() <= 1
    # Uniform proposals lie 0.41 from each coordinate of the corner on average.
    assert np.abs(wanted[-15:] - [0.9, 0.1]).mean() < 0.15


def test_tpe_is_random_during_its_warm_up(problem: PruningProblem) -> None:
    spec = TPESpec(warmup=5, multivariate=False)
    paid = played(tpe.proposals(spec, problem, 0), 6, near_a_corner)
    unpaid = played(tpe.proposals(spec, problem, 0), 6, far_from_it)
    np.testing.assert_array_equal(paid[:5], unpaid[:5])
    assert (paid[5] != unpaid[5]).all()


def test_cmaes_moves_by_generations(problem: PruningProblem) -> None:
    spec = CMAESSpec(population=4)
    # The first proposal is a random one by itself; then rewards tell after four more.
    paid = played(cmaes.proposals(spec, problem, 0), 6, near_a_corner)
    unpaid = played(cmaes.proposals(spec, problem, 0), 6, far_from_it)
    np.testing.assert_array_equal(paid[:5], unpaid[:5])
    assert (paid[5] != unpaid[5]).any()


def test_nsga2_is_told_accuracy_and_flops() -> None:
    episode = Episode(number=0, widths=(1,), reward=0.25, flops=123)
    assert nsga2.reward_and_flops(episode) == (0.25, 123.0)


def test_nsga2_lowers_flops_where_accuracy_is_the_same(problem: PruningProblem) -> None:
    wanted = played(nsga2.proposals(NSGA2Spec(population=8), problem, 0), 64, lambda _: 0.5)
    assert wanted[-16:, 0].mean() < wanted[:16, 0].mean() / 2
