"""What a pruned network may cost at most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secateur.compression.cost import CostModel, Quadratic


@dataclass(frozen=True, eq=False)
class Limit:
    """One bound.

    Attributes:
        form: what is bounded, as a function of the widths.
        most: of it that may stay.
    """

    form: Quadratic
    most: int


@dataclass(frozen=True, eq=False)
class Limits:
    """All bounds, of which each must hold.

    Attributes:
        cost: of the network.
        flops: that may stay.
        parameters: that may stay; any number where absent.
    """

    cost: CostModel
    flops: int
    parameters: int | None = None

    @classmethod
    def of(cls, cost: CostModel, target: float, parameters: float | None = None) -> Self:
        """Bounds by which at least these shares are cut.

        Args:
            cost: of the network.
            target: share of FLOPs, in (0, 1).
            parameters: share of parameters, in (0, 1).
        """
        most = None if parameters is None else rest(cost.dense_parameters, parameters)
        return cls(cost, rest(cost.dense_flops, target), most)

    @property
    def each(self) -> tuple[Limit, ...]:
        """One by one."""
        flops = Limit(self.cost.flops_form, self.flops)
        if self.parameters is None:
            return (flops,)
        return flops, Limit(self.cost.parameters_form, self.parameters)

    def met(self, widths: ArrayLike) -> NDArray[np.bool_]:
        """Whether policies keep to all bounds: bool [...] for integer widths [..., groups]."""
        met: NDArray[np.bool_] = np.logical_and.reduce(
            [limit.form.at(widths) <= limit.most for limit in self.each]
        )
        return met


def rest(whole: int, share: float) -> int:
    """What may stay when ``share``, in (0, 1), of a ``whole`` is to go, rounded down."""
    # Fraction of the printed decimal: 0.9 means nine tenths, not the nearest binary float.
    return math.floor(whole * (1 - Fraction(repr(float(share)))))
