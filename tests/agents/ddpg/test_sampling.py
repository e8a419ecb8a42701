from __future__ import annotations

from typing import cast

import pytest
from ray.rllib.env.env_runner_group import EnvRunnerGroup

from agents.ddpg.sampling import places


class Group:
    """Env runners, of which some answer."""

    def __init__(self, remote: int, healthy: list[int]) -> None:
        self._remote, self._healthy = remote, healthy

    def num_remote_workers(self) -> int:
        return self._remote

    def healthy_worker_ids(self) -> list[int]:
        return self._healthy


@pytest.mark.parametrize(
    ("remote", "healthy", "count", "expected"),
    [
        (0, [], 5, [0]),
        (3, [3, 1, 2], 5, [1, 2, 3]),
        (3, [3, 1, 2], 2, [1, 2]),
        (3, [3, 1], 5, [1, 3]),
        (3, [], 2, [1, 2]),  # all are lost: those that come back play what is left
    ],
)
def test_who_plays_the_next_round(
    remote: int, healthy: list[int], count: int, expected: list[int]
) -> None:
    assert places(cast(EnvRunnerGroup, Group(remote, healthy)), count) == expected
