"""DDPG as an RLlib algorithm: sample whole episodes, credit, learn, publish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from ray.rllib.algorithms import Algorithm
from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.columns import Columns
from ray.rllib.utils.metrics import (
    ENV_RUNNER_RESULTS,
    ENV_RUNNER_SAMPLING_TIMER,
    LEARNER_RESULTS,
    LEARNER_UPDATE_TIMER,
    NUM_ENV_STEPS_SAMPLED_LIFETIME,
    SYNCH_WORKER_WEIGHTS_TIMER,
    TIMERS,
)

from agents.ddpg.batch import as_batch
from agents.ddpg.config import DDPGConfig
from agents.ddpg.cpus import check_cpus
from agents.ddpg.learner import ACTOR_LOSS, CRITIC_LOSS
from agents.ddpg.planner import Outlook
from agents.ddpg.progress import Progress
from agents.ddpg.replay import EpisodeReplay
from agents.ddpg.sampling import places, push_weights, sample_round
from agents.ddpg.seeding import Stream, stream_sequence
from agents.ddpg.transitions import credit_final_reward

COMPONENT_AGENT = "ddpg_agent"
MAX_RUNNERS = 10_000
"""More than any cluster has."""


class DDPG(Algorithm):
    """Deep deterministic policy gradients for episodes that are judged at their end.

    One ``train()`` plays one whole episode on each env runner (one in all with the local
    runner), credits each episode's final reward to its steps, and learns from
    ``updates_per_step`` minibatches for each step. Its result has, beside RLlib's own, the
    flat entries ``episodes_done``, ``sigma`` and ``baseline`` (of the round to come),
    ``actor_loss`` and ``critic_loss`` (means over the round), ``episode_rewards`` (final
    reward of each episode of the round), ``episode_reward`` (the mean of these) and
    ``episode_infos`` (the last info of each of these episodes).

    Equal seeds give equal runs, and a restored run goes on as the unbroken one would have:
    all randomness is a function of the seed and the number of the round. The environment
    must hold no randomness or memory of its own beyond what ``reset(seed=...)`` sets.

    Source: Lillicrap et al. 2016, algorithm 1; He et al. 2018, section 3.2.

    Raises:
        SpecError: a setting out of range, or more env runners than the cluster has CPUs for.
    """

    @classmethod
    def get_default_config(cls) -> DDPGConfig:
        """The published settings."""
        return DDPGConfig()

    def setup(self, config: DDPGConfig) -> None:
        """Build runners, learner and an empty replay (called once by RLlib)."""
        check_cpus(self.config.num_env_runners, self.config.num_cpus_per_env_runner)
        super().setup(config)
        self._schedule = self.config.noise_schedule()
        self._replay = EpisodeReplay(self.config.replay_episodes)
        self._planner = self.config.planner()
        seed = self.config.seed
        self._progress = Progress(entropy=_fresh_entropy() if seed is None else seed)
        self._round: dict[str, Any] = {}
        self._set_schedule()
        self.push_weights()

    def act(self, observations: NDArray[Any]) -> NDArray[np.float32]:
        """Greedy actions mu(s), without noise.

        Args:
            observations: one observation, shape (observation_size,), or a batch of them,
                shape (batch, observation_size).

        Returns:
            One action, shape (action_size,), or a batch, in units of the environment.
        """
        batch = torch.as_tensor(np.atleast_2d(observations), dtype=torch.float32)
        output = self.get_module().forward_inference({Columns.OBS: batch})
        actions: NDArray[np.float32] = output[Columns.ACTIONS].numpy()
        return actions if np.ndim(observations) > 1 else actions[0]

    def step(self) -> dict[str, Any]:
        """One round; RLlib's ``train()`` calls it."""
        result: dict[str, Any] = super().step()
        return result | self._round

    def training_step(self) -> None:
        """Sample, credit, learn and publish; see the class."""
        with self.metrics.log_time((TIMERS, ENV_RUNNER_SAMPLING_TIMER)):
            episodes = self._sample()
        self._remember(episodes)
        rewards = [float(episode.get_rewards(-1)) for episode in episodes]
        rng = self._rng(Stream.REPLAY)
        self._progress.record(rewards, self.config.baseline_decay)
        self._set_schedule()
        with self.metrics.log_time((TIMERS, LEARNER_UPDATE_TIMER)):
            self._learn(sum(len(episode) for episode in episodes), rng)
        with self.metrics.log_time((TIMERS, SYNCH_WORKER_WEIGHTS_TIMER)):
            self.push_weights()
        infos = [episode.get_infos(-1) for episode in episodes]
        self._round = self._report(rewards) | {"episode_infos": infos}

    def _remember(self, episodes: list[Any]) -> None:
        """Credit every episode and put it into the replay; let the planner see it."""
        for episode in episodes:
            steps = credit_final_reward(
                episode.get_observations(),
                episode.get_actions(),
                episode.get_rewards(),
                terminated=episode.is_terminated,
            )
            self._replay.add(steps)
            self._planner.record(steps.actions, float(steps.rewards[-1]), episode.get_infos(-1))

    def _sample(self) -> list[Any]:
        """One whole episode from each runner that answers, as planned or free."""
        left = self.config.total_episodes - self._progress.episodes
        at = places(self.env_runner_group, left if self.config.total_episodes else MAX_RUNNERS)
        outlook = Outlook(
            episodes=self._progress.episodes,
            sigma=self._schedule.sigma_at(self._progress.episodes),
            policy=self.act,
            rng=self._rng(Stream.PLAN),
        )
        samples = sample_round(
            self.env_runner_group,
            lambda: self.restore_env_runners(self.env_runner_group),
            at,
            dict(zip(at, self._planner.plan(outlook, len(at)), strict=False)),
            self._progress.entropy,
            self._progress.rounds,
            self.config.sample_timeout_s,
        )
        self.metrics.aggregate([sample[1] for sample in samples], key=ENV_RUNNER_RESULTS)
        return [episode for sample in samples for episode in sample[0]]

    def _rng(self, stream: Stream) -> np.random.Generator:
        """Random numbers of the current round."""
        return np.random.default_rng(
            stream_sequence(self._progress.entropy, stream, self._progress.rounds)
        )

    def _learn(self, steps: int, rng: np.random.Generator) -> None:
        minibatches = steps * self.config.updates_per_step
        drawn = self._replay.sample(minibatches * self.config.minibatch_size, rng)
        results = self.learner_group.update(
            batch=as_batch(drawn),
            minibatch_size=self.config.minibatch_size,
            timesteps={
                NUM_ENV_STEPS_SAMPLED_LIFETIME: self.metrics.peek(
                    (ENV_RUNNER_RESULTS, NUM_ENV_STEPS_SAMPLED_LIFETIME)
                )
            },
        )
        self.metrics.aggregate(results, key=LEARNER_RESULTS)

    def _set_schedule(self) -> None:
        """Give the learner the baseline to learn with and the noise of the coming round."""
        sigma = self._schedule.sigma_at(self._progress.episodes)
        baseline = self._progress.baseline or 0.0
        self.learner_group.foreach_learner(lambda learner: learner.set_schedule(sigma, baseline))

    def push_weights(self) -> None:
        """Give every runner the learner's actor and noise, and wait for it.

        Raises:
            StageError: the actor has weights that are NaN or infinite.
        """
        push_weights(self.learner_group, self.env_runner_group, self.config.sample_timeout_s)

    def _report(self, rewards: list[float]) -> dict[str, Any]:
        learned = (LEARNER_RESULTS, DEFAULT_MODULE_ID)
        return {
            "episodes_done": self._progress.episodes,
            "sigma": self._schedule.sigma_at(self._progress.episodes),
            "baseline": self._progress.baseline,
            "actor_loss": float(self.metrics.peek((*learned, ACTOR_LOSS))),
            "critic_loss": float(self.metrics.peek((*learned, CRITIC_LOSS))),
            "episode_rewards": rewards,
            "episode_reward": float(np.mean(rewards)),
        }

    def get_state(
        self,
        components: str | Collection[str] | None = None,
        *,
        not_components: str | Collection[str] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """RLlib's state and the agent's own: replay, counters, baseline, seed."""
        state: dict[str, Any] = super().get_state(
            components, not_components=not_components, **kwargs
        )
        if self._check_component(COMPONENT_AGENT, components, not_components):
            state[COMPONENT_AGENT] = {
                "progress": asdict(self._progress),
                "replay": self._replay.get_state(),
                "planner": self._planner.get_state(),
            }
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned, on every runner too.

        Raises:
            SpecError: the state's replay has another capacity than this run's.
        """
        super().set_state(state)
        if COMPONENT_AGENT in state:
            self._progress = Progress(**state[COMPONENT_AGENT]["progress"])
            self._replay.set_state(state[COMPONENT_AGENT]["replay"])
            self._planner.set_state(state[COMPONENT_AGENT]["planner"])
        self.push_weights()

    def restore_from_path(self, path: Any, *args: Any, **kwargs: Any) -> None:
        """Restore a checkpoint, of the whole algorithm or of a component, on every runner."""
        super().restore_from_path(path, *args, **kwargs)
        self.push_weights()


def _fresh_entropy() -> int:
    entropy = np.random.SeedSequence().entropy
    assert isinstance(entropy, int)
    return entropy
