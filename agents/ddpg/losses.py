"""The equations of DDPG with a reward baseline, on plain tensors."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional as F


class Losses(NamedTuple):
    """What the two optimizers minimise; both scalars.

    Attributes:
        actor: -mean Q(s, mu(s)).
        critic: mean squared error of Q(s, a) to the target.
    """

    actor: torch.Tensor
    critic: torch.Tensor


def td_target(
    rewards: torch.Tensor,
    baseline: torch.Tensor | float,
    next_values: torch.Tensor,
    terminated: torch.Tensor,
    gamma: float,
) -> torch.Tensor:
    """Target of the critic: y = r - b + gamma Q'(s', mu'(s')), no Q' after the last step.

    Source: He et al. 2018, equation 4; Lillicrap et al. 2016, algorithm 1, for b = 0.

    Args:
        rewards: r, shape (batch,).
        baseline: b, the moving average of episode rewards.
        next_values: Q'(s', mu'(s')) of the target networks, shape (batch,).
        terminated: whether the episode ended with this step, bool, shape (batch,).
        gamma: discount in [0, 1].

    Returns:
        y, shape (batch,), without a gradient.
    """
    return (rewards - baseline + gamma * next_values.masked_fill(terminated, 0.0)).detach()


def ddpg_losses(values: torch.Tensor, greedy_values: torch.Tensor, target: torch.Tensor) -> Losses:
    """Losses of actor and critic.

    Args:
        values: Q(s, a) of the replayed actions, shape (batch,).
        greedy_values: Q(s, mu(s)), shape (batch,).
        target: y, shape (batch,).
    """
    return Losses(actor=-greedy_values.mean(), critic=F.mse_loss(values, target))
