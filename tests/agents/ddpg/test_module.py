from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from ray.rllib.core.columns import Columns

from agents.ddpg.module import DDPGTorchRLModule
from agents.ddpg.noise import UNIFORM_SIGMA
from secateur.errors import SpecError

OBSERVATIONS = gym.spaces.Box(0.0, 1.0, (11,), np.float32)
WIDE = gym.spaces.Box(np.array([-2.0, 10.0]), np.array([6.0, 20.0]), dtype=np.float64)


def build(actions: gym.Space[Any] = WIDE, inference_only: bool = False) -> DDPGTorchRLModule:
    return DDPGTorchRLModule(
        observation_space=OBSERVATIONS,
        action_space=actions,
        inference_only=inference_only,
        model_config={"hidden": (8, 8)},
    )


def batch(size: int) -> dict[str, torch.Tensor]:
    return {Columns.OBS: torch.rand(size, 11)}


def test_a_new_actor_acts_near_the_middle_of_the_bounds() -> None:
    actions = build().forward_inference(batch(5))[Columns.ACTIONS]
    assert torch.allclose(actions, torch.tensor([2.0, 15.0]).expand(5, 2), atol=0.2)


def test_uniform_warmup_fills_the_bounds_evenly() -> None:
    actions = build().forward_exploration(batch(4000))[Columns.ACTIONS]
    for column, (low, high) in enumerate([(-2.0, 6.0), (10.0, 20.0)]):
        share = (actions[:, column] - low) / (high - low)
        assert 0.0 <= share.min() < 0.01
        assert 0.99 < share.max() <= 1.0
        assert share.mean().item() == pytest.approx(1 / 2, abs=0.02)
        assert share.var().item() == pytest.approx(1 / 12, abs=0.01)


def test_noise_is_the_streams_and_no_one_elses() -> None:
    module, observed = build(), batch(3)
    draws = []
    for _ in range(2):
        module.seed_exploration(7)
        torch.rand(1)  # what others draw from torch's global generator does not matter
        draws.append(module.forward_exploration(observed)[Columns.ACTIONS])
    assert torch.equal(*draws)
    assert not torch.equal(draws[0], module.forward_exploration(observed)[Columns.ACTIONS])


def test_the_width_of_the_noise_travels_with_the_weights() -> None:
    learner, runner = build(), build(inference_only=True)
    learner.sigma.fill_(0.01)
    state = learner.get_state(inference_only=True)
    runner.set_state(state)
    assert runner.sigma.item() == pytest.approx(0.01)
    assert build().sigma.item() == UNIFORM_SIGMA
    assert not [key for key in state if "critic" in key or "target" in key or "baseline" in key]


def test_the_critic_sees_actions_as_shares_of_their_range() -> None:
    module = build()
    columns = {
        Columns.OBS: torch.zeros(1, 11),
        Columns.ACTIONS: torch.tensor([[6.0, 15.0]]),
        Columns.NEXT_OBS: torch.zeros(1, 11),
    }
    values = module.forward_train(columns)["values"]
    assert torch.equal(values, module.critic(torch.zeros(1, 11), torch.tensor([[1.0, 0.5]])))


@pytest.mark.parametrize(
    "actions",
    [gym.spaces.Discrete(3), gym.spaces.Box(0.0, np.inf, (1,)), gym.spaces.Box(0, 1, (2, 2))],
)
def test_other_action_spaces_are_refused(actions: gym.Space[Any]) -> None:
    with pytest.raises(SpecError, match=r"^action_space: "):
        build(actions)
