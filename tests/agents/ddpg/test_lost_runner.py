from __future__ import annotations

import os
import signal
from collections.abc import Callable

from agents.ddpg import DDPG, DDPGConfig


def process(algorithm: DDPG) -> int:
    (number,) = algorithm.env_runner_group.foreach_env_runner(
        lambda _: os.getpid(), local_env_runner=False
    )
    return int(number)


def test_a_killed_runner_is_replaced_and_the_search_goes_on(
    small: Callable[..., DDPGConfig],
) -> None:
    config = small(total_episodes=4).env_runners(num_env_runners=1)
    algorithm: DDPG = config.build_algo()
    before = [algorithm.train()["episode_reward"] for _ in range(2)]
    killed = process(algorithm)
    assert killed != os.getpid()
    os.kill(killed, signal.SIGKILL)
    after = [algorithm.train()["episode_reward"] for _ in range(2)]
    assert process(algorithm) != killed
    algorithm.stop()

    # The rounds draw the same noise as in a run that lost nothing.
    whole: DDPG = small(total_episodes=4).env_runners(num_env_runners=1).build_algo()
    assert [whole.train()["episode_reward"] for _ in range(4)] == before + after
    whole.stop()


def test_the_last_round_plays_no_more_than_is_left(small: Callable[..., DDPGConfig]) -> None:
    algorithm: DDPG = small(total_episodes=3).env_runners(num_env_runners=2).build_algo()
    assert [len(algorithm.train()["episode_rewards"]) for _ in range(2)] == [2, 1]
    algorithm.stop()
