"""Sampling of whole episodes from one environment."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner

from agents.ddpg.seeding import Stream, stream_seed
from secateur.errors import StageError

RLLIB_ENVIRONMENT_ID = "rllib-single-agent-env-v0"
"""The name under which RLlib registers every environment with gymnasium."""

MAX_ATTEMPTS = 3
"""How often a failing environment may begin the same episode."""


class DDPGEnvRunner(SingleAgentEnvRunner):
    """An env runner whose every round is reproducible and ends.

    RLlib restarts a failing environment for ever; this runner gives up after
    ``MAX_ATTEMPTS``. RLlib also resets the environment to the same seed at each call for
    whole episodes; here each round has its own.
    """

    _resets = 0

    def sample_round(self, entropy: int, round_index: int) -> tuple[list[Any], Any]:
        """Play one whole episode with exploration.

        Args:
            entropy: seed of the run.
            round_index: rounds done before; the same round draws the same noise.

        Returns:
            The finished episodes and RLlib's metrics of them.

        Raises:
            StageError: the environment failed ``MAX_ATTEMPTS`` times.
        """
        worker = self.worker_index or 0
        self._seed = stream_seed(entropy, Stream.ENVIRONMENT, round_index, worker)
        self.module.seed_exploration(stream_seed(entropy, Stream.EXPLORATION, round_index, worker))
        return self.sample(num_episodes=1, explore=True), self.get_metrics()

    def sample(self, **kwargs: Any) -> list[Any]:
        """Play as RLlib asks for, counting attempts from here on."""
        self._resets = 0
        episodes: list[Any] = super().sample(**kwargs)
        return episodes

    def make_env(self) -> None:
        """Build the environment, without gymnasium's warning when a process builds a second."""
        gym.registry.pop(RLLIB_ENVIRONMENT_ID, None)
        super().make_env()

    def _try_env_reset(self, **kwargs: Any) -> Any:
        """Reset; RLlib comes here again after each failure to reset or to step."""
        if self._resets == MAX_ATTEMPTS:
            raise StageError(
                f"the environment failed {MAX_ATTEMPTS} times in one round of sampling; "
                "the log above has the reasons"
            )
        self._resets += 1
        return super()._try_env_reset(**kwargs)


def play_round(runner: DDPGEnvRunner, entropy: int, round_index: int) -> Any:
    """``runner.sample_round``, with the error of a failing environment as a value.

    RLlib ends the process of a remote runner that raises and tells the caller nothing.

    Returns:
        The episodes and their metrics, or the ``StageError``.
    """
    try:
        return runner.sample_round(entropy, round_index)
    except StageError as error:
        return error
