"""Message passing over a dependency graph (Gilmer et al. 2017, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

ROUNDS = 2
"""Of messages: what is two groups away is seen."""


@dataclass(frozen=True)
class GraphLayout:
    """How flat observations are to be read as a graph.

    Attributes:
        nodes: rows of an observation.
        features: numbers a row.
        edges: directed pairs of nodes.
        pointer: feature that is 1 for the node to decide on, 0 for the others.
        units: of the encoder's layers.
    """

    nodes: int
    features: int
    edges: tuple[tuple[int, int], ...]
    pointer: int
    units: int = 32


class GraphEncoder(nn.Module):
    """Embeds a graph, seen from the node that is to be decided on.

    h <- relu(W h + U mean_in(h) + V mean_out(h)) in every round, with weights of its own a
    round that all nodes share; then the embedding is the next node's h beside the mean of
    all.  The weights fit graphs of any size.

    Args:
        layout: of the observations.
    """

    incoming: torch.Tensor
    outgoing: torch.Tensor

    def __init__(self, layout: GraphLayout) -> None:
        super().__init__()
        self._layout = layout
        incoming = torch.zeros(layout.nodes, layout.nodes)
        for source, end in layout.edges:
            incoming[end, source] = 1.0
        for name, matrix in (("incoming", incoming), ("outgoing", incoming.T)):
            mean = matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1.0)
            # The network's, not the agent's: an agent carries on with another graph.
            self.register_buffer(name, mean.contiguous(), persistent=False)
        self.rounds = nn.ModuleList(
            nn.Linear(3 * (layout.features if first else layout.units), layout.units)
            for first in (True, *[False] * (ROUNDS - 1))
        )

    @property
    def size(self) -> int:
        """Length of an embedding."""
        return 2 * self._layout.units

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """(batch, nodes * features) -> (batch, size)."""
        nodes = observations.view(-1, self._layout.nodes, self._layout.features)
        pointer = nodes[:, :, self._layout.pointer : self._layout.pointer + 1]
        for linear in self.rounds:
            seen = torch.cat((nodes, self.incoming @ nodes, self.outgoing @ nodes), dim=-1)
            nodes = torch.relu(linear(seen))
        return torch.cat(((nodes * pointer).sum(dim=1), nodes.mean(dim=1)), dim=-1)


class Plain(nn.Module):
    """Passes observations on as they are.

    Args:
        size: of an observation.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """The observations."""
        return observations


def encoder(observation_size: int, layout: GraphLayout | None) -> GraphEncoder | Plain:
    """What actor and critic each see observations through."""
    return Plain(observation_size) if layout is None else GraphEncoder(layout)
