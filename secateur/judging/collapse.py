"""Whether generated images lack the variety of real ones, as after a mode collapse.

Three signs, each enough by itself; none asks whether images look real.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from secateur.judging.coverage import nearest_others

MOST_DUPLICATES = 0.2
LEAST_SPREAD = 0.25
LEAST_CLASSES = 0.5

_NEAR = 0.01


@dataclass(frozen=True)
class Variety:
    """How varied generated images are beside real ones.

    Attributes:
        duplicates: share of the generated images that have another one nearer than 99 % of the
            real images have; about 0.01 for real images.
        spread: total variance of the features over that of the real ones; about 1 for real
            images.
        classes: effective number of classes, the exponential of the entropy of their shares,
            over that of the real images; about 1 for real images, absent without classes.
    """

    duplicates: float
    spread: float
    classes: float | None

    @property
    def figures(self) -> dict[str, float]:
        """The measures by name."""
        named = {"duplicates": self.duplicates, "spread": self.spread}
        return named if self.classes is None else named | {"class_variety": self.classes}

    @property
    def lacks(self) -> str:
        """What speaks of a collapse, in one line; empty where nothing does."""
        signs = []
        if self.duplicates > MOST_DUPLICATES:
            signs.append(f"{self.duplicates:.0%} of the images are near duplicates of another")
        if self.spread < LEAST_SPREAD:
            signs.append(f"features vary {self.spread:.2f} times as much as those of real images")
        if self.classes is not None and self.classes < LEAST_CLASSES:
            signs.append(f"only {self.classes:.0%} of the real variety of classes is there")
        return "; ".join(signs)


class RealVariety:
    """How varied real images are, which generated ones are compared with.

    Args:
        real: features (samples, features) of real images, two or more.
    """

    def __init__(self, real: Tensor) -> None:
        self._count = len(real)
        self._near = torch.quantile(nearest_others(real), _NEAR)
        self._variance = _total_variance(real)

    def beside(
        self, fake: Tensor, classes: tuple[Sequence[float], Sequence[float]] | None = None
    ) -> Variety:
        """Compare with the variety of generated images.

        Args:
            fake: features of generated images, two or more, in random order. Where there are
                more than real ones, near duplicates are looked for among as many alone, as
                neighbours are nearer among more.
            classes: the shares of classes among the real and the generated images.
        """
        neighbours = nearest_others(fake[: self._count])
        return Variety(
            duplicates=(neighbours < self._near).double().mean().item(),
            spread=(_total_variance(fake) / self._variance).item(),
            classes=None if classes is None else effective(classes[1]) / effective(classes[0]),
        )


def effective(shares: Sequence[float]) -> float:
    """The exponential of the entropy of shares that sum to 1: k for k equal ones."""
    present = np.array([share for share in shares if share > 0])
    return float(np.exp(-(present * np.log(present)).sum()))


def _total_variance(features: Tensor) -> Tensor:
    return features.double().var(dim=0).sum()
