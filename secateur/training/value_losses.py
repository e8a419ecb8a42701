"""Losses of regressions: answers and values (batch,) in, a scalar out, the mean over the batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

ValueLoss = Callable[[Tensor, Tensor], Tensor]


def mse(answers: Tensor, values: Tensor) -> Tensor:
    """Mean of (answer - value)²."""
    return F.mse_loss(answers, values)


def mae(answers: Tensor, values: Tensor) -> Tensor:
    """Mean of |answer - value|."""
    return F.l1_loss(answers, values)


def rmse(answers: Tensor, values: Tensor) -> Tensor:
    """The root of ``mse``, taken of the whole batch."""
    return rooted(mse(answers, values))


def rooted(mean: Tensor) -> Tensor:
    """The square root of a mean square; at 0, where its slope is infinite, the slope is 0."""
    return mean.clamp_min(torch.finfo(mean.dtype).tiny).sqrt()


LOSSES: dict[str, ValueLoss] = {"mse": mse, "mae": mae, "rmse": rmse}
"""All losses of regressions, by the names that specs and recipes give them."""
