"""The networks of DDPG as an RLlib module, with its exploration noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box
from numpy.typing import NDArray
from ray.rllib.core.columns import Columns
from ray.rllib.core.learner.utils import make_target_network
from ray.rllib.core.rl_module.apis import InferenceOnlyAPI, TargetNetworkAPI
from ray.rllib.core.rl_module.torch import TorchRLModule
from torch import nn

from agents.ddpg.networks import Actor, Critic
from agents.ddpg.noise import UNIFORM_SIGMA, truncated_normal
from secateur.errors import SpecError

VALUES = "values"
GREEDY_VALUES = "greedy_values"
NEXT_VALUES = "next_values"


class DDPGTorchRLModule(TorchRLModule, InferenceOnlyAPI, TargetNetworkAPI):
    """Actor, critic and their targets for one-dimensional observations and bounded actions.

    The width of the noise is a buffer, so that the learner sets it in one place and both the
    weights sync and the checkpoint carry it. Networks see actions scaled to [0, 1].

    Attributes:
        actor: mu(s).
        sigma: width of the exploration noise as a share of the action range, a scalar.
        critic: Q(s, a); absent from modules that only act, as are the next three.
        baseline: b of the critic's target, a scalar.
        target_actor: mu'(s).
        target_critic: Q'(s, a).

    Raises:
        SpecError: the spaces are not a one-dimensional Box of observations and a
            one-dimensional Box of actions with finite bounds.
    """

    actor: Actor
    critic: Critic
    sigma: torch.Tensor
    baseline: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor

    def setup(self) -> None:
        """Build the networks (called once by RLlib's constructor)."""
        _check_spaces(self.observation_space, self.action_space)
        sizes = self.observation_space.shape[0], self.action_space.shape[0]
        hidden, graph = self.model_config["hidden"], self.model_config.get("graph")
        self.actor = Actor(*sizes, hidden, graph)
        self.register_buffer("sigma", torch.tensor(UNIFORM_SIGMA))
        for name in ("low", "high"):
            bound = np.asarray(getattr(self.action_space, name), dtype=np.float32)
            self.register_buffer(name, torch.tensor(bound), persistent=False)
        self._generator = torch.Generator()
        self.follow(None)
        if not self.inference_only:
            self.critic = Critic(*sizes, hidden, graph)
            self.register_buffer("baseline", torch.tensor(0.0))
            self.make_target_networks()

    def seed_exploration(self, seed: int) -> None:
        """Begin a stream of exploration noise anew."""
        self._generator.manual_seed(seed)

    def follow(self, script: NDArray[np.float32] | None) -> None:
        """Explore by the given actions, one a call, before any of one's own.

        Args:
            script: in units of the environment, shape (steps, action_size); None explores
                freely, which is what follows a script too.
        """
        self._script = [] if script is None else list(torch.as_tensor(script).flip(0))

    def make_target_networks(self) -> None:
        """Copy actor and critic into targets that no optimizer moves."""
        self.target_actor = make_target_network(self.actor)
        self.target_critic = make_target_network(self.critic)

    def get_target_network_pairs(self) -> list[tuple[nn.Module, nn.Module]]:
        """(learned, target) of actor and critic."""
        return [(self.actor, self.target_actor), (self.critic, self.target_critic)]

    def get_non_inference_attributes(self) -> list[str]:
        """What an env runner's copy of the module lacks."""
        return ["critic", "baseline", "target_actor", "target_critic"]

    def forward_target(self, batch: dict[str, Any]) -> torch.Tensor:
        """Q'(s', mu'(s')), shape (batch,), without a gradient."""
        with torch.no_grad():
            observations = batch[Columns.NEXT_OBS].float()
            values: torch.Tensor = self.target_critic(observations, self.target_actor(observations))
            return values

    def _forward_inference(self, batch: dict[str, Any], **_: Any) -> dict[str, torch.Tensor]:
        """mu(s) in units of the environment, shape (batch, action_size)."""
        with torch.no_grad():
            return {Columns.ACTIONS: self._to_environment(self.actor(batch[Columns.OBS].float()))}

    def _forward_exploration(self, batch: dict[str, Any], **_: Any) -> dict[str, torch.Tensor]:
        """The script's next action, or a draw around mu(s), truncated to the bounds."""
        if self._script:
            return {Columns.ACTIONS: self._script.pop().reshape(1, -1)}
        with torch.no_grad():
            mean = self.actor(batch[Columns.OBS].float())
            uniform = torch.rand(mean.shape, generator=self._generator).to(mean.device)
            noisy = truncated_normal(mean, self.sigma, uniform)
            return {Columns.ACTIONS: self._to_environment(noisy)}

    def _forward_train(self, batch: dict[str, Any], **_: Any) -> dict[str, torch.Tensor]:
        """The three values that the losses need, each of shape (batch,)."""
        observations = batch[Columns.OBS].float()
        replayed = (batch[Columns.ACTIONS].float() - self.low) / (self.high - self.low)
        return {
            VALUES: self.critic(observations, replayed),
            GREEDY_VALUES: self.critic(observations, self.actor(observations)),
            NEXT_VALUES: self.forward_target(batch),
        }

    def _to_environment(self, actions: torch.Tensor) -> torch.Tensor:
        return torch.lerp(self.low, self.high, actions)


def _check_spaces(observation_space: Any, action_space: Any) -> None:
    if not isinstance(observation_space, Box) or len(observation_space.shape) != 1:
        raise SpecError("observation_space", observation_space, "a one-dimensional Box")
    if (
        not isinstance(action_space, Box)
        or len(action_space.shape) != 1
        or not action_space.is_bounded()
    ):
        raise SpecError("action_space", action_space, "a one-dimensional Box with finite bounds")
