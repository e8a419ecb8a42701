"""What an accuracy is worth at given widths: one short class a kind of reward."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agents.candidates import Candidates
from secateur.compression.cost import CostModel
from secateur.compression.latency import relative_latency
from secateur.spec.rewards import (
    AccuracyReward,
    FlopsReward,
    LatencyReward,
    LikenessReward,
    RewardSpec,
)

Widths = tuple[int, ...]


class Worth(Protocol):
    """A reward as a function of a policy's accuracy and widths.

    For given widths it rises strictly with the accuracy, so that a bound on the one is a
    bound on the other.
    """

    def __call__(self, accuracy: float, widths: Widths, /) -> float:
        """The reward; ``accuracy`` lies in [0, 1]."""


def accuracy_alone(accuracy: float, _widths: Widths) -> float:
    """The accuracy itself."""
    return accuracy


@dataclass(frozen=True)
class FlopsWorth:
    """``-error · log(FLOPs)``: He et al. 2018 (AMC), section 3.4.

    Never positive.  FLOPs are those of one image, two a multiplication, and the logarithm
    is natural.

    Attributes:
        cost: of the network.
    """

    cost: CostModel

    def __call__(self, accuracy: float, widths: Widths) -> float:
        """As ``Worth``."""
        return -(1 - accuracy) * math.log(float(self.cost.flops(widths)))


@dataclass(frozen=True)
class LatencyWorth:
    """``accuracy · latency ** -exponent``: Tan et al. 2019 (MnasNet), equation (2).

    The dense network's latency takes the place of the paper's target latency.

    Attributes:
        latency: share of the dense network's latency that is left, above 0, of any widths.
        exponent: weight of the latency, above 0.
    """

    latency: Callable[[Widths], float]
    exponent: float

    def __call__(self, accuracy: float, widths: Widths) -> float:
        """As ``Worth``."""
        return float(accuracy * self.latency(widths) ** -self.exponent)


@dataclass(frozen=True)
class LikenessWorth:
    """``closeness · distance ** -exponent``, in the form of ``LatencyWorth``.

    Attributes:
        distance: between real images and those of the cut generator, as a share of the dense
            generator's distance, above 0, of any widths.
        exponent: weight of the distance, above 0.
    """

    distance: Callable[[Widths], float]
    exponent: float

    def __call__(self, accuracy: float, widths: Widths) -> float:
        """As ``Worth``; the accuracy is the closeness."""
        return float(accuracy * self.distance(widths) ** -self.exponent)


@dataclass(frozen=True, eq=False)
class Once:
    """A measurement that is taken once of the same widths.

    Unlike one behind ``functools.cache`` it can be sent to other processes, which several
    runners of an agent need.

    Attributes:
        measure: of widths.
        known: what it said so far.
    """

    measure: Callable[[Widths], float]
    known: dict[Widths, float] = field(default_factory=dict)

    def __call__(self, widths: Widths) -> float:
        """Measured now, or before."""
        if widths not in self.known:
            self.known[widths] = self.measure(widths)
        return self.known[widths]


def worth_of(spec: RewardSpec, candidates: Candidates, cost: CostModel) -> Worth:
    """The reward that a spec names.

    Args:
        spec: of the reward.
        candidates: cuts the networks whose latency is measured, each widths once.
        cost: of the dense network.
    """
    match spec:
        case AccuracyReward():
            return accuracy_alone
        case FlopsReward():
            return FlopsWorth(cost)
        case LatencyReward():
            return LatencyWorth(measured_latency(candidates, spec.rounds), spec.exponent)
        case LikenessReward():
            raise AssertionError("a reward of generators, see agents.generation")


def measured_latency(candidates: Candidates, rounds: int) -> Callable[[Widths], float]:
    """Function from widths to the share of the dense latency that is left, on this machine."""

    def latency(widths: Widths) -> float:
        pruned = candidates.bare(widths)
        return relative_latency(pruned, candidates.network, candidates.input_shape, rounds)

    return Once(latency)
