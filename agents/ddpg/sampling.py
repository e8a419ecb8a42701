"""Rounds of episodes from env runners that may be slow, lost or replaced."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import ray
from ray.rllib.core import COMPONENT_LEARNER, COMPONENT_RL_MODULE, DEFAULT_MODULE_ID
from ray.rllib.core.learner.learner_group import LearnerGroup
from ray.rllib.env.env_runner_group import EnvRunnerGroup

from agents.ddpg.env_runner import play_round
from agents.ddpg.planner import Script
from secateur.errors import SecateurError, StageError

PATIENCE_S = 30.0
"""Wait for lost env runners beyond the time of one round; Ray restarts them in 6 to 10 s."""

Sample = tuple[list[Any], Any]
"""Finished episodes, and RLlib's metrics of them."""


def places(group: EnvRunnerGroup, count: int) -> list[int]:
    """Indices of the runners that play the next round: 0 alone, the local one, or from 1 on.

    Where all of them are lost it is they that are waited for.

    Args:
        group: of the algorithm.
        count: episodes that are wanted at most, at least 1.
    """
    remote = group.num_remote_workers()
    if remote == 0:
        return [0]
    return sorted(group.healthy_worker_ids() or range(1, remote + 1))[:count]


def sample_round(
    group: EnvRunnerGroup,
    restore: Callable[[], object],
    at: list[int],
    scripts: Mapping[int, Script],
    entropy: int,
    round_index: int,
    timeout_s: float,
) -> list[Sample]:
    """One whole episode from each runner that answers.

    Args:
        group: of the algorithm.
        restore: brings lost runners back.
        at: indices of the runners to ask.
        scripts: what was planned, by the runner's index.
        entropy: seed of the run.
        round_index: rounds done before.
        timeout_s: what comes later is lost.

    Raises:
        SecateurError: what an environment or its runner raised.
        StageError: no runner answered, though lost ones had time to come back.
    """
    play = partial(play_round, entropy=entropy, round_index=round_index, scripts=scripts)
    deadline = time.monotonic() + PATIENCE_S + timeout_s
    while time.monotonic() < deadline:
        samples = group.foreach_env_runner(
            play,
            local_env_runner=at == [0],
            remote_worker_ids=[] if at == [0] else at,
            timeout_seconds=timeout_s,
        )
        for sample in samples:
            if isinstance(sample, SecateurError):
                raise sample
        if samples:
            return samples  # type: ignore[no-any-return]
        time.sleep(1.0)
        restore()
    raise StageError(
        f"no env runner returned an episode within {timeout_s:g} s "
        "(sample_timeout_s); the log above has the reasons"
    )


def push_weights(learners: LearnerGroup, group: EnvRunnerGroup, timeout_s: float) -> None:
    """Give every runner the learner's actor and noise, and wait for it.

    RLlib's own sync neither waits nor overwrites weights that carry the same or a later
    number, as do those of a run that is set back to an earlier checkpoint.

    Args:
        learners: have the weights.
        group: gets them.
        timeout_s: runners that take longer are passed over.

    Raises:
        StageError: the actor has weights that are NaN or infinite.
    """
    state = learners.get_state(
        components=f"{COMPONENT_LEARNER}/{COMPONENT_RL_MODULE}", inference_only=True
    )
    weights = state[COMPONENT_LEARNER][COMPONENT_RL_MODULE]
    if not all(np.isfinite(array).all() for array in weights[DEFAULT_MODULE_ID].values()):
        raise StageError("DDPG diverged: its actor is not finite; lower actor_lr or critic_lr")
    group.local_env_runner.set_state({COMPONENT_RL_MODULE: weights})
    if group.num_remote_workers() > 0:
        reference = ray.put(weights)
        group.foreach_env_runner(
            lambda runner: runner.set_state({COMPONENT_RL_MODULE: reference}),
            local_env_runner=False,
            timeout_seconds=timeout_s,
        )
