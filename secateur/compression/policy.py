"""From decisions to widths: allowed widths, the FLOPs bound, uniform policies.

A policy is one integer width a group, in network order.  A target is the share of FLOPs
to cut, in (0, 1); limits are the FLOPs, and maybe parameters, that may stay.  Every function
here is exact: the cost is a closed function of the widths that never falls when a width grows.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from secateur.compression.cost import CostModel
from secateur.compression.groups import Group, IntArray
from secateur.compression.limits import Limits, rest
from secateur.errors import UnreachableTargetError

_WIDE = 4
"""A group counts as wide from this many rounding steps on."""

AllowedWidths = tuple[IntArray, ...]
"""Widths that each group may take, ascending; the last one is the dense width."""


def allowed_widths(
    groups: Sequence[Group],
    *,
    a_max: float = 0.8,
    a_max_dense: float = 0.98,
    round_to: int = 8,
) -> AllowedWidths:
    """Widths that each group may take.

    A group of ``C`` channels keeps at least ``ceil((1 - a) * C)`` of them, and ``Group.least``,
    with ``a = a_max`` for convolutions and ``a_max_dense`` for dense layers.  With at
    least ``4 * round_to`` channels it keeps a multiple of ``round_to``, or all; narrower
    groups, where rounding would leave no choice, may keep any number.

    Args:
        groups: of a graph or a plan.
        a_max: largest share of a convolution group's channels that may go, in [0, 1).
        a_max_dense: the same for dense groups.
        round_to: channels a step, at least 1.  A group whose width binds ``m`` channels
            each takes steps of ``round_to / gcd(round_to, m)`` widths.

    Returns:
        One ascending array a group; its last entry is the group's dense width.
    """
    limits = {"convolution": a_max, "dense": a_max_dense}
    return tuple(_allowed(group, limits[group.kind], round_to) for group in groups)


def nearest_width(allowed: IntArray, ratio: float) -> int:
    """The allowed width nearest to ``(1 - ratio)`` of the dense one, ties to the narrower.

    Args:
        allowed: ascending widths of one group, or the part of them that is feasible.
        ratio: share of the channels to cut, of the last entry of ``allowed``.
    """
    return _nearest(allowed, (1 - ratio) * float(allowed[-1]))


def flops_budget(cost: CostModel, target: float) -> int:
    """FLOPs that may stay when the share ``target``, in (0, 1), is to go.

    Rounded down, so that ``flops <= flops_budget`` means that at least the target is cut.
    """
    return rest(cost.dense_flops, target)


def bounded_width(
    limits: Limits, allowed: AllowedWidths, decided: Sequence[int], ratio: float
) -> int:
    """The next group's width: as wanted, but such that the limits stay in reach.

    The bound of AMC (He et al. 2018, algorithm 1) carried over from layers to groups:
    among the allowed widths of group ``len(decided)`` with which the network keeps to
    the limits if all later groups are cut to their narrowest, the one nearest to
    ``(1 - ratio)`` of the dense width, ties to the narrower.  Where the cost is separable
    this is ``algorithm1_ratio`` up to the rounding of widths.

    Args:
        limits: of the network; reachable, see ``check_reachable``.
        allowed: from ``allowed_widths``.
        decided: widths of the groups before this one, each from this function.
        ratio: wanted share of the group's channels to cut, in [0, 1].
    """
    assert 0 <= ratio <= 1, f"ratio {ratio}"  # NaN too would else pass for the narrowest
    candidates = allowed[len(decided)]
    policies = np.tile(_narrowest(allowed), (len(candidates), 1))
    policies[:, : len(decided)] = decided
    policies[:, len(decided)] = candidates
    feasible = limits.met(policies)
    assert feasible[0], "the widths decided so far, or the limits, cannot be met"
    return _nearest(candidates[feasible], (1 - ratio) * float(candidates[-1]))


def decide(limits: Limits, allowed: AllowedWidths, ratios: Sequence[float]) -> tuple[int, ...]:
    """A whole policy from one wanted ratio a group, within the limits.

    Applies ``bounded_width`` group by group.
    """
    assert len(ratios) == len(allowed), "one ratio a group"
    widths: list[int] = []
    for ratio in ratios:
        widths.append(bounded_width(limits, allowed, widths, ratio))
    return tuple(widths)


def uniform(limits: Limits, allowed: AllowedWidths) -> tuple[int, ...]:
    """The policy of the smallest single ratio for all groups that keeps to the limits.

    Each group takes its allowed width nearest to that ratio; groups whose bound is
    reached stay at their narrowest.  The limits must be reachable.
    """
    ratios = _breakpoints(allowed)
    position = bisect_left(ratios, True, key=lambda ratio: bool(limits.met(_at(allowed, ratio))))
    assert position < len(ratios), "the limits cannot be met: call check_reachable first"
    return tuple(_at(allowed, ratios[position]).tolist())


def check_reachable(
    cost: CostModel,
    allowed: AllowedWidths,
    target: float,
    parameters: float | None = None,
    field: str = "prune.targets",
) -> None:
    """Refuse a target that even the narrowest allowed widths miss.

    Args:
        cost: of the network.
        allowed: from ``allowed_widths``.
        target: share of FLOPs to cut.
        parameters: share of parameters to cut, if any.
        field: dotted path of the target in the job, for the message.

    Raises:
        UnreachableTargetError: names the largest cut that the bounds allow.
    """
    narrowest = _narrowest(allowed)
    _check(int(cost.flops(narrowest)), cost.dense_flops, target, field)
    if parameters is not None:
        least = int(cost.parameters(narrowest))
        _check(least, cost.dense_parameters, parameters, "prune.parameters")


def _check(least: int, dense: int, target: float, field: str) -> None:
    if least <= rest(dense, target):
        return
    reachable = math.floor((1 - least / dense) * 1e4) / 1e4
    raise UnreachableTargetError(
        field, target, f"at most {reachable:g}, the largest cut within a_max and round_to"
    )


def algorithm1_ratio(
    wanted: float,
    *,
    a_max: float,
    target: float,
    total: float,
    layer: float,
    remaining: float,
    removed: float,
) -> float:
    """The published bound on one layer's ratio (AMC, He et al. 2018, algorithm 1).

    ``a_i = max(min(a_i, a_max), (target * T - a_max * T_next - T_done) / T_i)``: it treats
    a layer's FLOPs as proportional to its own kept channels alone.

    Args:
        wanted: ratio that the agent asks for, a_i.
        a_max: largest ratio allowed.
        target: share of FLOPs to cut.
        total: FLOPs of the dense network, T.
        layer: dense FLOPs of this layer, T_i.
        remaining: dense FLOPs of the layers still to come, T_next.
        removed: FLOPs removed from the layers before, T_done.
    """
    least = (target * total - a_max * remaining - removed) / layer
    return max(min(wanted, a_max), least)


def _allowed(group: Group, limit: float, round_to: int) -> IntArray:
    bound = group.out_channels // group.width
    step = round_to // math.gcd(round_to, bound) if group.out_channels >= _WIDE * round_to else 1
    # 1e-9: (1 - 0.7) * 10 is 3.0000000000000004 in floats and must not round up to 4.
    asked = max(group.least, math.ceil((1 - limit) * group.width - 1e-9))
    least = min(asked, group.width)
    first = -(-least // step) * step
    return np.append(np.arange(first, group.width, step, dtype=np.int64), np.int64(group.width))


def _nearest(allowed: IntArray, wanted: float) -> int:
    return int(allowed[int(np.argmin(np.abs(allowed - wanted)))])


def _narrowest(allowed: AllowedWidths) -> IntArray:
    return np.array([widths[0] for widths in allowed], dtype=np.int64)


def _at(allowed: AllowedWidths, ratio: float) -> IntArray:
    return np.array([nearest_width(widths, ratio) for widths in allowed], dtype=np.int64)


def _breakpoints(allowed: AllowedWidths) -> list[float]:
    """Ratios at which a group's nearest width changes, ascending, with 0 and 1."""
    ratios = {0.0, 1.0}
    for widths in allowed:
        middles = (widths[1:] + widths[:-1]) / 2
        # Just past the tie, so that rounding errors cannot leave the wider one nearest.
        ratios.update((1 - middles / widths[-1] + 1e-12).tolist())
    return sorted(ratios)
