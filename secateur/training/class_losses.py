"""Losses of classifiers, one short function each.

All take the logits (batch, classes) of a network, the labels (batch,) and the label
smoothing s in [0, 1), and return a scalar, the mean over the batch. The target q of an
image of class c among K is (1 - s) for c and s / K more for each class (Szegedy et al.
2016, section 7); s = 0 is one-hot. p is the softmax of the logits.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from secateur.errors import LossError
from secateur.training.value_losses import rooted

ClassLoss = Callable[[Tensor, Tensor, float], Tensor]

_TOLERANCE = 1e-3  # bfloat16 aside, log-probabilities sum to 1 far closer than that


def targets(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """Q of each image, float32 (batch, classes); rows sum to 1."""
    return F.one_hot(labels, classes).float().mul_(1 - smoothing).add_(smoothing / classes)


def cross_entropy(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """-Σ q·ln p, in nats."""
    return F.cross_entropy(logits, labels, label_smoothing=smoothing)


def nll(log_probabilities: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """-Σ q·l of outputs l that are log-probabilities already, in nats.

    Raises:
        LossError: they are none: the exponentials of an image's outputs must sum to 1. Raw
            logits would be driven to infinity, and never to an answer.
    """
    sums = log_probabilities.detach().logsumexp(dim=1)
    worst = sums.abs().max().item()
    if not worst <= _TOLERANCE:
        raise LossError(
            f"nll: outputs are no log-probabilities, since the logarithm of their exponentials' "
            f"sum is up to {worst:.3g} off 0; expected a log-softmax behind the network, or the "
            "loss 'cross-entropy', which takes logits"
        )
    return _nll(log_probabilities, labels, smoothing)


def nll_of_logits(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Log-softmax, and ``nll`` behind it: the same as ``cross_entropy``."""
    return _nll(F.log_softmax(logits, dim=1), labels, smoothing)


def bce(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """-Σ (q·ln r + (1 - q)·ln(1 - r)) / K, r the sigmoid of a logit: one yes or no a class."""
    return F.binary_cross_entropy_with_logits(logits, targets(labels, logits.shape[1], smoothing))


def mse(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Σ (p - q)² / K."""
    return F.mse_loss(logits.softmax(dim=1), targets(labels, logits.shape[1], smoothing))


def mae(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Σ |p - q| / K."""
    return F.l1_loss(logits.softmax(dim=1), targets(labels, logits.shape[1], smoothing))


def rmse(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """The root of ``mse``, taken of the whole batch."""
    return rooted(mse(logits, labels, smoothing))


def _nll(log_probabilities: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    if not smoothing:
        return F.nll_loss(log_probabilities, labels)
    wanted = targets(labels, log_probabilities.shape[1], smoothing)
    return -torch.mean((wanted * log_probabilities).sum(dim=1))


LOSSES: dict[str, ClassLoss] = {
    "cross-entropy": cross_entropy,
    "nll": nll_of_logits,
    "bce": bce,
    "mse": mse,
    "mae": mae,
    "rmse": rmse,
}
"""All losses of classifiers, by the names that specs and recipes give them."""
