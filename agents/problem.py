"""One pruning problem: what every agent is asked to solve, without the network itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from secateur.compression.cost import CostModel
from secateur.compression.groups import Group
from secateur.compression.importance import Scores
from secateur.compression.limits import Limits
from secateur.compression.policy import AllowedWidths, bounded_width


@dataclass(frozen=True)
class PruningProblem:
    """Cut at least ``target`` of a network's FLOPs, and maybe of its parameters, group by group.

    Attributes:
        groups: in the order of the decisions.
        cost: FLOPs and parameters of any widths.
        allowed: the widths that each group may take.
        target: share of FLOPs to cut, in (0, 1).
        criteria: importance of every channel, a group, by criterion (``l1``, ``bn-scale``),
            for the agents that decide by it.
        parameters: share of parameters to cut besides, in (0, 1); any where absent.
    """

    groups: tuple[Group, ...]
    cost: CostModel
    allowed: AllowedWidths
    target: float
    criteria: Mapping[str, Scores] = field(default_factory=dict)
    parameters: float | None = None

    @property
    def dense_widths(self) -> tuple[int, ...]:
        """Channels of the network before pruning, a group."""
        return tuple(group.width for group in self.groups)

    @cached_property
    def limits(self) -> Limits:
        """What may stay."""
        return Limits.of(self.cost, self.target, self.parameters)

    @property
    def budget(self) -> int:
        """FLOPs that may stay."""
        return self.limits.flops

    @property
    def dense_flops(self) -> int:
        """FLOPs of the network before pruning, for one image."""
        return self.cost.dense_flops

    def width(self, decided: Sequence[int], ratio: float) -> int:
        """The next group's width for a wanted ratio, held to what the target needs.

        Args:
            decided: widths of the groups before it.
            ratio: share of its channels to cut, in [0, 1].
        """
        return bounded_width(self.limits, self.allowed, decided, ratio)
