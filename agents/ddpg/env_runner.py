"""Sampling of whole episodes from one environment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import torch
from ray.rllib.env.env_runner import ENV_STEP_FAILURE
from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner

from agents import failures
from agents.ddpg.planner import Script
from agents.ddpg.seeding import Stream, stream_seed
from secateur.errors import SecateurError, StageError

logger = logging.getLogger(__name__)

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
    _script: Script | None = None
    _fault: SecateurError | None = None
    _reason = "it could not be reset"

    def sample_round(
        self, entropy: int, round_index: int, script: Script | None = None
    ) -> tuple[list[Any], Any]:
        """Play one whole episode with exploration.

        Args:
            entropy: seed of the run.
            round_index: rounds done before; the same round draws the same noise.
            script: actions to play, where they were planned.

        Returns:
            The finished episodes and RLlib's metrics of them.

        Raises:
            StageError: the environment failed ``MAX_ATTEMPTS`` times.
            SecateurError: what the environment raised for people to read.
        """
        worker = self.worker_index or 0
        self._seed = stream_seed(entropy, Stream.ENVIRONMENT, round_index, worker)
        self.module.seed_exploration(stream_seed(entropy, Stream.EXPLORATION, round_index, worker))
        self._script = script
        return self.sample(num_episodes=1, explore=True), self.get_metrics()

    def sample(self, **kwargs: Any) -> list[Any]:
        """Play as RLlib asks for, counting attempts from here on."""
        self._resets = 0
        episodes: list[Any] = super().sample(**kwargs)
        return episodes

    def make_env(self) -> None:
        """Build the environment, without gymnasium's warning when a process builds a second."""
        # Where RLlib puts the actor: a share of a GPU is the environment's, to evaluate.
        self._device = torch.device("cpu")
        gym.registry.pop(RLLIB_ENVIRONMENT_ID, None)
        super().make_env()
        step = self.env.step

        def remembering(actions: Any) -> Any:
            try:
                return step(actions)
            except SecateurError as error:
                self._fault = error
                raise

        self.env.step = remembering

    def _try_env_reset(self, **kwargs: Any) -> Any:
        """Reset; RLlib comes here again after each failure to reset or to step."""
        if self._fault is not None:
            # RLlib would log it and begin the episode again, to the same end.
            fault, self._fault = self._fault, None
            raise fault
        if self._resets == MAX_ATTEMPTS:
            raise StageError(
                f"the environment failed {MAX_ATTEMPTS} times in one round of sampling, "
                f"at last: {self._reason}"
            )
        self._resets += 1
        self.module.follow(self._script)
        return super()._try_env_reset(**kwargs)

    def _try_env_step(self, actions: Any) -> Any:
        """Step; what was raised on purpose would be raised again by every attempt."""
        try:
            return self.env.step(actions)
        except SecateurError:
            raise
        except Exception as error:
            self._reason = failures.told(error)
            logger.exception("the environment failed; its episode begins anew")
            self.make_env()
            return ENV_STEP_FAILURE


def play_round(
    runner: DDPGEnvRunner, entropy: int, round_index: int, scripts: Mapping[int, Script]
) -> Any:
    """``runner.sample_round``, with an error made for people as a value.

    RLlib ends the process of a remote runner that raises and tells the caller nothing.

    Args:
        runner: who plays.
        entropy: seed of the run.
        round_index: rounds done before.
        scripts: what was planned, by the runner's index, 0 for the local one.

    Returns:
        The episodes and their metrics, or the ``SecateurError``.
    """
    try:
        return runner.sample_round(entropy, round_index, scripts.get(runner.worker_index or 0))
    except SecateurError as error:
        return error
