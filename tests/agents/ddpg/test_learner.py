"""One update by hand, on networks of one hidden unit.

Observation s = 0.5. Actor: h = relu(2 s) = 1, mu = sigmoid(1 h - 1) = 0.5, and its slope
mu (1 - mu) = 0.25. Critic: g = relu(s + 2 a), Q = 3 g + 1, so dQ/da = 6.
The targets are equal to the networks.
"""

from __future__ import annotations

from collections.abc import Callable

import gymnasium as gym
import numpy as np
import pytest
import torch
from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from torch import nn

from agents.ddpg import DDPGConfig
from agents.ddpg.learner import DDPGTorchLearner
from agents.ddpg.losses import td_target
from agents.ddpg.module import DDPGTorchRLModule
from agents.ddpg.targets import soft_update

BATCH = {
    Columns.OBS: torch.tensor([[0.5]]),
    Columns.ACTIONS: torch.tensor([[1.0]]),
    Columns.REWARDS: torch.tensor([1.0]),
    Columns.NEXT_OBS: torch.tensor([[0.5]]),
    Columns.TERMINATEDS: torch.tensor([False]),
}


def set_weights(network: nn.Module, *values: list[float]) -> None:
    for parameter, value in zip(network.parameters(), values, strict=True):
        parameter.data = torch.tensor(value).reshape(parameter.shape)


@pytest.fixture
def learner() -> DDPGTorchLearner:
    space = gym.spaces.Box(0.0, 1.0, (1,), np.float32)
    config = DDPGConfig().training(gamma=0.5, tau=0.1, hidden=(1,))
    spec = RLModuleSpec(
        module_class=DDPGTorchRLModule,
        observation_space=space,
        action_space=space,
        model_config={"hidden": (1,)},
    )
    learner = DDPGTorchLearner(config=config, module_spec=spec)
    learner.build()
    module = learner.module[DEFAULT_MODULE_ID]
    for actor in (module.actor, module.target_actor):
        set_weights(actor, [2.0], [0.0], [1.0], [-1.0])
    for critic in (module.critic, module.target_critic):
        set_weights(critic, [1.0, 2.0], [0.0], [3.0], [1.0])
    learner.set_schedule(sigma=0.2, baseline=0.25)
    return learner


def gradients_of(learner: DDPGTorchLearner) -> Callable[[nn.Module], list[list[float]]]:
    batch = {DEFAULT_MODULE_ID: BATCH}
    outputs = learner.module.forward_train(batch)
    totals = learner.compute_losses(fwd_out=outputs, batch=batch)
    gradients = learner.compute_gradients(totals)
    return lambda network: [gradients[p].flatten().tolist() for p in network.parameters()]


def test_target_with_baseline() -> None:
    target = td_target(
        rewards=torch.tensor([1.0, 0.5]),
        baseline=0.25,
        next_values=torch.tensor([2.0, 3.0], requires_grad=True),
        terminated=torch.tensor([False, True]),
        gamma=0.5,
    )
    # 1 - 0.25 + 0.5 * 2 = 1.75; after the last step 0.5 - 0.25 = 0.25.
    assert target.tolist() == [1.75, 0.25]
    assert not target.requires_grad


def test_losses(learner: DDPGTorchLearner) -> None:
    gradients_of(learner)
    losses = learner._losses[DEFAULT_MODULE_ID]
    # Q(s, mu) = 3 (0.5 + 2 * 0.5) + 1 = 5.5; y = 1 - 0.25 + 0.5 * 5.5 = 3.5;
    # Q(s, a = 1) = 3 (0.5 + 2) + 1 = 8.5, so the critic's loss is 5^2.
    assert losses.actor.item() == pytest.approx(-5.5)
    assert losses.critic.item() == pytest.approx(25.0)


def test_actor_gradient(learner: DDPGTorchLearner) -> None:
    # d(-Q)/d(output bias) = -6 * 0.25 = -1.5; output weight times h = 1; hidden bias times
    # the output weight 1; hidden weight times s = 0.5.
    gradient = gradients_of(learner)(learner.module[DEFAULT_MODULE_ID].actor)
    assert gradient == [[pytest.approx(-0.75)], [pytest.approx(-1.5)]] + [[pytest.approx(-1.5)]] * 2


def test_critic_gradient_has_nothing_of_the_actors_loss(learner: DDPGTorchLearner) -> None:
    # d/d(output bias) = 2 * 5 = 10; output weight times g = 2.5; hidden bias 10 * 3;
    # hidden weights times (s, a) = (0.5, 1).
    gradient = gradients_of(learner)(learner.module[DEFAULT_MODULE_ID].critic)
    assert gradient == [[15.0, 30.0], [30.0], [25.0], [10.0]]


def test_an_update_moves_both_networks_and_then_their_targets(learner: DDPGTorchLearner) -> None:
    module = learner.module[DEFAULT_MODULE_ID]
    learner._uncompiled_update({DEFAULT_MODULE_ID: BATCH})
    # Adam's first step is its rate against the sign of the gradient: 1e-4 up for the actor,
    # 1e-3 down for the critic; the targets go a tenth of that way.
    assert module.actor.layers[0].weight.item() == pytest.approx(2.0 + 1e-4)
    assert module.target_actor.layers[0].weight.item() == pytest.approx(2.0 + 1e-5, abs=1e-6)
    assert module.critic.layers[2].weight.item() == pytest.approx(3.0 - 1e-3)
    assert module.target_critic.layers[2].weight.item() == pytest.approx(3.0 - 1e-4, abs=1e-6)


def test_soft_update() -> None:
    main, target = nn.Linear(1, 1), nn.Linear(1, 1)
    set_weights(main, [2.0], [4.0])
    set_weights(target, [1.0], [0.0])
    soft_update(main, target, tau=0.1)
    # 0.1 * 2 + 0.9 * 1 = 1.1 and 0.1 * 4 + 0.9 * 0 = 0.4; the main network stays.
    assert [p.item() for p in target.parameters()] == pytest.approx([1.1, 0.4])
    assert [p.item() for p in main.parameters()] == [2.0, 4.0]


def test_a_state_older_than_the_learner_is_taken_over_whole(learner: DDPGTorchLearner) -> None:
    learner._weights_seq_no = 1
    state = learner.get_state()
    weight = learner.module[DEFAULT_MODULE_ID].actor.layers[0].weight
    learner._uncompiled_update({DEFAULT_MODULE_ID: BATCH})
    learner._weights_seq_no = 2
    learner.set_state(state)
    assert weight.item() == 2.0
