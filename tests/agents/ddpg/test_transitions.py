from __future__ import annotations

import numpy as np
import pytest

from agents.ddpg.transitions import credit_final_reward
from secateur.errors import NonFiniteRewardError

OBSERVATIONS = np.arange(8.0).reshape(4, 2)
ACTIONS = np.array([[0.1], [0.2], [0.3]])


def test_every_step_gets_the_final_reward() -> None:
    steps = credit_final_reward(OBSERVATIONS, ACTIONS, np.array([0.0, 0.0, 0.625]), terminated=True)
    assert steps.rewards.tolist() == [0.625, 0.625, 0.625]
    assert steps.terminated.tolist() == [False, False, True]
    assert np.array_equal(steps.observations, OBSERVATIONS[:3])
    assert np.array_equal(steps.next_observations, OBSERVATIONS[1:])
    assert {column.dtype for column in steps[:4]} == {np.dtype(np.float32)}


def test_an_episode_cut_short_has_no_terminal_step() -> None:
    steps = credit_final_reward(OBSERVATIONS, ACTIONS, np.ones(3), terminated=False)
    assert not steps.terminated.any()


@pytest.mark.parametrize("reward", [np.nan, np.inf])
def test_a_reward_that_is_no_number_is_refused(reward: float) -> None:
    with pytest.raises(NonFiniteRewardError):
        credit_final_reward(OBSERVATIONS, ACTIONS, np.array([0, 0, reward]), terminated=True)
