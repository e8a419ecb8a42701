"""The two networks: an actor mu(s) in [0, 1] and a critic Q(s, a)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from agents.ddpg.encoder import GraphLayout, encoder

OUTPUT_INIT = 3.0e-3
"""Half width of the output layers' initial weights (Lillicrap et al. 2016, section 7)."""


class Actor(nn.Module):
    """mu(s): hidden layers and a sigmoid, so actions start near the middle.

    Args:
        observation_size: features of an observation.
        action_size: dimensions of an action.
        hidden: units of the hidden layers.
        graph: how to read observations as a graph, where they are one.
    """

    def __init__(
        self,
        observation_size: int,
        action_size: int,
        hidden: Sequence[int],
        graph: GraphLayout | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder(observation_size, graph)
        self.layers = _perceptron(self.encoder.size, hidden, action_size)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Actions in [0, 1], shape (batch, action_size), for (batch, observation_size)."""
        return torch.sigmoid(self.layers(self.encoder(observations)))


class Critic(nn.Module):
    """Q(s, a): hidden layers over the observation and the action side by side.

    Args:
        observation_size: features of an observation.
        action_size: dimensions of an action.
        hidden: units of the hidden layers.
        graph: how to read observations as a graph, where they are one.
    """

    def __init__(
        self,
        observation_size: int,
        action_size: int,
        hidden: Sequence[int],
        graph: GraphLayout | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder(observation_size, graph)
        self.layers = _perceptron(self.encoder.size + action_size, hidden, 1)

    def forward(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Values, shape (batch,), of actions in [0, 1], shape (batch, action_size)."""
        values: torch.Tensor = self.layers(torch.cat((self.encoder(observations), actions), dim=-1))
        return values.squeeze(-1)


def _perceptron(inputs: int, hidden: Sequence[int], outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    output = nn.Linear(inputs, outputs)
    nn.init.uniform_(output.weight, -OUTPUT_INIT, OUTPUT_INIT)
    nn.init.uniform_(output.bias, -OUTPUT_INIT, OUTPUT_INIT)
    return nn.Sequential(*layers, output)
