from __future__ import annotations

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from agents.environment import PruningEnv
from agents.problem import PruningProblem


def spread(widths: tuple[int, ...]) -> float:
    return sum(widths) / 100


def act(ratio: float) -> np.ndarray:
    return np.array([ratio], np.float32)


def test_it_is_a_gymnasium_environment(problem: PruningProblem) -> None:
    check_env(PruningEnv(problem, spread), skip_render_check=True)


def test_an_episode_decides_on_every_group_and_is_paid_at_its_end(problem: PruningProblem) -> None:
    environment = PruningEnv(problem, spread)
    environment.reset(seed=0)
    _, reward, terminated, truncated, info = environment.step(act(0.5))
    assert (reward, terminated, truncated, info) == (0.0, False, False, {})
    _, reward, terminated, truncated, info = environment.step(act(0.5))
    # 4 and 2 channels: 2·4·9·16 + 2·4·2·9·4 + 2·8·2 = 1,152 + 576 + 32.
    assert info == {"widths": (4, 2), "flops": 1760}
    assert (reward, terminated, truncated) == (0.06, True, False)


def test_actions_are_bounded_so_that_the_target_is_met(problem: PruningProblem) -> None:
    environment = PruningEnv(problem, spread)
    environment.reset(seed=0)
    environment.step(act(0.0))
    *_, info = environment.step(act(0.0))
    # Half of 4,672 may stay. With w first channels 288·w + 72·w + 16 must fit (one second
    # channel at the least), so w <= 6; with 6, 1,728 + 432·v + 16·v <= 2,336 allows v = 1.
    assert info == {"widths": (6, 1), "flops": 1728 + 432 + 16}


@pytest.mark.parametrize("target", [0.3, 0.5, 0.8])
def test_every_random_policy_meets_its_target(problem: PruningProblem, target: float) -> None:
    problem = PruningProblem(problem.groups, problem.cost, problem.allowed, target)
    environment = PruningEnv(problem, spread)
    environment.action_space.seed(0)
    for _ in range(50):
        environment.reset()
        environment.step(environment.action_space.sample())
        *_, info = environment.step(environment.action_space.sample())
        assert info["flops"] <= (1 - target) * problem.dense_flops


def test_a_new_episode_forgets_the_last(problem: PruningProblem) -> None:
    environment = PruningEnv(problem, spread)
    first, _ = environment.reset(seed=0)
    environment.step(act(0.9))
    again, _ = environment.reset(seed=0)
    np.testing.assert_array_equal(first, again)
