"""Transitions in the form that RLlib's learners take."""

from __future__ import annotations

from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.columns import Columns
from ray.rllib.policy.sample_batch import MultiAgentBatch, SampleBatch

from agents.ddpg.transitions import Transitions


def as_batch(drawn: Transitions) -> MultiAgentBatch:
    """Name the columns as RLlib does, for its only module."""
    columns = {
        Columns.OBS: drawn.observations,
        Columns.ACTIONS: drawn.actions,
        Columns.REWARDS: drawn.rewards,
        Columns.NEXT_OBS: drawn.next_observations,
        Columns.TERMINATEDS: drawn.terminated,
    }
    return MultiAgentBatch({DEFAULT_MODULE_ID: SampleBatch(columns)}, env_steps=len(drawn.rewards))
