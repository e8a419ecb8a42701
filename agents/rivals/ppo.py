"""Proximal policy optimisation (Schulman et al. 2017), by RLlib."""

from __future__ import annotations

from ray.rllib.algorithms.ppo import PPOConfig

from agents.rllib import rllib_agent
from secateur.spec import PPOSpec

_MINIBATCH = 64


def configure(spec: PPOSpec, steps: int, _budget: int) -> PPOConfig:
    """RLlib's defaults but for batches of a few episodes, of ``steps`` steps each."""
    batch = spec.rollout * steps
    return PPOConfig().training(
        lr=spec.learning_rate,
        train_batch_size_per_learner=batch,
        minibatch_size=min(_MINIBATCH, batch),
        num_epochs=spec.epochs,
    )


episodes = rllib_agent(configure, lambda spec: spec.rollout)
