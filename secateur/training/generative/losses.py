"""What critic and generator minimise against each other, one pair of short functions a loss.

Logits r of real images and f of generated ones, high for real, have the shape (n,); all
losses are means over their images. D is the logistic function of a logit, and s the one-sided
label smoothing: the target of real images is 1 - s (Salimans et al. 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from secateur.records.generation import AdversarialLoss


@dataclass(frozen=True)
class Game:
    """The two losses of one game.

    Attributes:
        critic: of (r, f, s).
        generator: of f.
    """

    critic: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor], Tensor]


def cross_entropy(real: Tensor, fakes: Tensor, smoothing: float = 0.0) -> Tensor:
    """-(1 - s)·ln D(r) - s·ln(1 - D(r)) - ln(1 - D(f)), of the critic (Goodfellow et al. 2014)."""
    # -ln D(r) is softplus(-r), and softplus(r) = softplus(-r) + r
    return (F.softplus(-real) + smoothing * real).mean() + F.softplus(fakes).mean()


def saturating(fakes: Tensor) -> Tensor:
    """ln(1 - D(f)), whose slope fades where the critic is sure (Goodfellow et al. 2014)."""
    return -F.softplus(fakes).mean()


def non_saturating(fakes: Tensor) -> Tensor:
    """-ln D(f), the same goal with a slope (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fakes).mean()


def squares(real: Tensor, fakes: Tensor, smoothing: float = 0.0) -> Tensor:
    """((r - 1 + s)² + f²) / 2, of the critic (Mao et al. 2017)."""
    return ((real - 1 + smoothing).square().mean() + fakes.square().mean()) / 2


def square(fakes: Tensor) -> Tensor:
    """(f - 1)² / 2, of the generator (Mao et al. 2017)."""
    return (fakes - 1).square().mean() / 2


def earth_mover(real: Tensor, fakes: Tensor, _smoothing: float = 0.0) -> Tensor:
    """Minus the estimated Wasserstein distance, f - r, of the critic (Arjovsky et al. 2017).

    It has no targets, so that smoothing changes nothing.
    """
    return fakes.mean() - real.mean()


def farther(fakes: Tensor) -> Tensor:
    """-f, of the generator (Arjovsky et al. 2017)."""
    return -fakes.mean()


GAMES: dict[AdversarialLoss, Game] = {
    "auto": Game(cross_entropy, non_saturating),
    "minimax": Game(cross_entropy, saturating),
    "non-saturating": Game(cross_entropy, non_saturating),
    "least-squares": Game(squares, square),
    "wasserstein": Game(earth_mover, farther),
}
"""All adversarial losses, by the names that specs and recipes give them."""
