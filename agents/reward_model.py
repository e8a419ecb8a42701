"""A model of the reward: what a policy is worth before it is evaluated."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from secateur.compression.groups import IntArray

MEMBERS, UNITS, BATCH = 4, 48, 64
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-3


class RewardModel:
    """An ensemble of perceptrons from widths to reward.

    Each member has its own initial weights and minibatches; the ensemble's mean is the
    prediction (Lakshminarayanan et al. 2017, section 2.4).  A group's width is shown as
    the logarithm of its share that is kept, since halving a group matters about alike
    wherever it starts.  Rewards are standardised over what is known.

    Args:
        dense: width of each group before pruning.
        seed: of the initial weights.
    """

    def __init__(self, dense: Sequence[int], seed: int) -> None:
        self._dense = np.array(dense, dtype=np.float64)
        self._networks = _Ensemble(len(dense), torch.Generator().manual_seed(seed))
        self._optimizer = torch.optim.AdamW(
            self._networks.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY
        )

    def fit(
        self, widths: IntArray, rewards: NDArray[np.float64], steps: int, rng: np.random.Generator
    ) -> None:
        """Go on learning from all that is known.

        Args:
            widths: of the policies that were evaluated, shape (policies, groups).
            rewards: theirs, shape (policies,).
            steps: minibatches for each member.
            rng: of the minibatches.
        """
        inputs = self._inputs(widths)
        spread = float(rewards.std()) or 1.0
        targets = torch.as_tensor((rewards - rewards.mean()) / spread, dtype=torch.float32)
        for _ in range(steps):
            drawn = torch.as_tensor(rng.integers(len(rewards), size=(MEMBERS, BATCH)))
            errors = self._networks(inputs[drawn]) - targets[drawn]
            self._optimizer.zero_grad()
            # Summed over the members, whose parameters are their own.
            torch.autograd.backward(errors.square().mean(dim=1).sum())
            self._optimizer.step()

    @torch.no_grad()
    def predict(self, widths: IntArray) -> NDArray[np.float64]:
        """Standardised rewards, shape (policies,), for widths of shape (policies, groups)."""
        inputs = self._inputs(widths).expand(MEMBERS, -1, -1)
        mean: NDArray[np.float64] = self._networks(inputs).mean(dim=0).double().numpy()
        return mean

    def get_state(self) -> dict[str, Any]:
        """Weights and optimizer, copied."""
        state = {"networks": self._networks.state_dict(), "optimizer": self._optimizer.state_dict()}
        return copy.deepcopy(state)

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what ``get_state`` returned."""
        self._networks.load_state_dict(state["networks"])
        self._optimizer.load_state_dict(state["optimizer"])

    def _inputs(self, widths: IntArray) -> torch.Tensor:
        return torch.as_tensor(np.log(widths / self._dense), dtype=torch.float32)


class _Ensemble(nn.Module):
    """Perceptrons side by side: one batched product a layer instead of one a member."""

    def __init__(self, inputs: int, generator: torch.Generator) -> None:
        super().__init__()
        sizes = (inputs, UNITS, UNITS, 1)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for size, units in itertools.pairwise(sizes):
            bound = size**-0.5
            for parameters, shape in (
                (self.weights, (MEMBERS, size, units)),
                (self.biases, (MEMBERS, 1, units)),
            ):
                values = torch.rand(shape, generator=generator) * 2 - 1
                parameters.append(nn.Parameter(values * bound))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(members, batch, inputs) -> (members, batch)."""
        layers = list(zip(self.weights, self.biases, strict=True))
        for weight, bias in layers[:-1]:
            inputs = torch.nn.functional.silu(torch.baddbmm(bias, inputs, weight))
        weight, bias = layers[-1]
        return torch.baddbmm(bias, inputs, weight).squeeze(-1)
