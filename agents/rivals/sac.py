"""Soft actor-critic (Haarnoja et al. 2018), by RLlib."""

from __future__ import annotations

import numpy as np
from ray.rllib.algorithms.sac import SAC, SACConfig

from agents.rllib import rllib_agent
from secateur.spec import SACSpec

_MINIBATCH = 32

_TARGET_ENTROPY = -3.0
"""Of an action in [-1, 1]: that of a normal distribution of width 0.012.  RLlib's -1 stands
for a width of 0.09, whose noise over all groups hides what a policy is worth."""

_TAU = 0.05
"""Step of the target critics: an episode's reward has to travel back within few updates."""


class SeededSAC(SAC):
    """RLlib's, whose replay draws by the run's seed too."""

    def setup(self, config: SACConfig) -> None:
        """Build runners, learner and replay (called once by RLlib)."""
        super().setup(config)
        self.local_replay_buffer.rng = np.random.default_rng(self.config.seed)


def configure(spec: SACSpec, steps: int, budget: int) -> SACConfig:
    """RLlib's defaults but for one update a step, sooner, and a smaller entropy bonus.

    Its initial weight of 1 would count for more than any accuracy.
    """
    return SACConfig(algo_class=SeededSAC).training(
        actor_lr=spec.learning_rate,
        critic_lr=spec.learning_rate,
        alpha_lr=spec.learning_rate,
        initial_alpha=spec.entropy,
        target_entropy=_TARGET_ENTROPY,
        tau=_TAU,
        train_batch_size_per_learner=_MINIBATCH,
        training_intensity=_MINIBATCH * steps,
        num_steps_sampled_before_learning_starts=round(spec.warmup * budget) * steps,
        replay_buffer_config={"type": "EpisodeReplayBuffer", "capacity": budget * steps},
    )


episodes = rllib_agent(configure, lambda _: 1)
