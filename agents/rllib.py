"""RLlib's own algorithms on the pruning environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import gymnasium
import torch
from ray.rllib.algorithms import Algorithm
from ray.rllib.algorithms.algorithm_config import AlgorithmConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig

from agents.actions import READINGS
from agents.allowance import Enough, never
from agents.ddpg.env_runner import RLLIB_ENVIRONMENT_ID
from agents.environment import Evaluate, PruningEnv
from agents.journal import Journal
from agents.problem import PruningProblem
from agents.registry import Agent
from secateur.errors import SecateurError
from secateur.records import Episode

NETWORK = DefaultModelConfig(fcnet_hiddens=[64, 64], head_fcnet_hiddens=[], fcnet_activation="relu")
"""Of actors and critics alike: eleven features and one action ask for little."""

Configure: TypeAlias = Callable[[Any, int, int], AlgorithmConfig]
"""Settings of an algorithm, given its spec, the steps of an episode and the budget."""


def rllib_agent(configure: Configure, rollout: Callable[[Any], int]) -> Agent:
    """The agent that lets an algorithm learn from one round of episodes after the other.

    An interrupted run is begun anew, with the rewards that are known: RLlib's checkpoints
    leave out replay and random state, and without evaluations an episode takes a tenth of
    a second.

    Args:
        configure: see ``Configure``.
        rollout: episodes that one ``train()`` plays, given the agent's spec.
    """

    def episodes(
        spec: Any,
        problem: PruningProblem,
        evaluate: Evaluate,
        budget: int,
        seed: int,
        state: Path,
        enough: Enough = never,
    ) -> Iterator[Episode]:
        journal = Journal(problem, _apart(evaluate), state)
        environment = _environment(problem, journal, spec.actions)
        settings = configure(spec, len(problem.groups), budget)
        algorithm = _built(settings, environment, seed)
        try:
            for done in _rounds(journal.episodes, budget, enough):
                _play(algorithm, learn=done + rollout(spec) <= budget)
                yield from journal.episodes[done:]
        finally:
            algorithm.stop()

    return episodes


def _rounds(episodes: list[Episode], budget: int, enough: Enough) -> Iterator[int]:
    """Episodes done before each round."""
    while len(episodes) < budget and not (episodes and enough()):
        yield len(episodes)


def _apart(evaluate: Evaluate) -> Evaluate:
    """The same evaluation without a trace on torch's random stream, which RLlib draws from."""

    def unseen(widths: tuple[int, ...]) -> float:
        with torch.random.fork_rng(devices=[]):
            return evaluate(widths)

    return unseen


def _environment(problem: PruningProblem, journal: Journal, actions: str) -> type[PruningEnv]:
    """A class, since that is what RLlib passes on without copying: the journal stays ours."""

    class Environment(PruningEnv):
        def __init__(self, _config: object) -> None:
            super().__init__(problem, journal, READINGS[actions](problem))

    return Environment


def _built(config: AlgorithmConfig, environment: type[PruningEnv], seed: int) -> Algorithm:
    gymnasium.registry.pop(RLLIB_ENVIRONMENT_ID, None)
    config = (
        config.environment(environment)
        .env_runners(num_env_runners=0, batch_mode="complete_episodes")
        .rl_module(model_config=NETWORK)
        .training(gamma=1.0)
        .reporting(min_time_s_per_iteration=0, min_sample_timesteps_per_iteration=0)
        .debugging(seed=seed, log_level="ERROR")
    )
    return config.build_algo()


def _play(algorithm: Algorithm, *, learn: bool) -> None:
    """A round of episodes, or a single one where the budget ends before the round would.

    Raises:
        SecateurError: what the evaluation raised; RLlib hides it behind an error of its own.
    """
    try:
        if learn:
            algorithm.train()
        else:
            algorithm.env_runner.sample(num_episodes=1, explore=True)
    except RuntimeError as error:
        if isinstance(error.__cause__, SecateurError):
            raise error.__cause__ from None
        raise
