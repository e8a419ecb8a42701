"""Pruning during training: widths shrink in steps while the network learns.

The schedule is that of Zhu & Gupta 2017 ("To prune, or not to prune"), carried over from
single weights to channels: each step really cuts, so later epochs are cheaper as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import torch
from torch import nn

from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.data.dataset import Development
from secateur.errors import UntraceableNetworkError
from secateur.records import EpochMetrics, Recipe
from secateur.training.supervised import train

_LEAST = 2
"""One channel leaves a later step nothing to choose from, and no group to trace."""


def cubic(step: int, steps: int) -> float:
    """Share of all that is to go that is gone after a step: 1 - (1 - step / steps)³.

    Fast at first, while there is much to spare, and slow at the end (Zhu & Gupta 2017,
    equation 1, with an initial sparsity of 0).

    Args:
        step: from 0, where nothing is gone, to ``steps``, where all is.
        steps: at least 1.
    """
    assert 0 <= step <= steps, (step, steps)
    return 1 - (1 - step / steps) ** 3


def widths_between(dense: Sequence[int], final: Sequence[int], share: float) -> tuple[int, ...]:
    """Widths on the way from ``dense`` to ``final``, which a share of 1 gives.

    Before the end every group that has two channels keeps two.

    Args:
        dense: channels a group.
        final: channels a group, not above the dense ones.
        share: of the way, in [0, 1].
    """
    if share >= 1:
        return tuple(final)
    there = (round(begin + share * (end - begin)) for begin, end in zip(dense, final, strict=True))
    return tuple(max(width, min(begin, _LEAST)) for width, begin in zip(there, dense, strict=True))


def train_gradually(
    network: nn.Module,
    widths: Sequence[int],
    development: Development,
    recipe: Recipe,
    cuts: int,
) -> Iterator[tuple[nn.Module, EpochMetrics]]:
    """Train a network and cut it after each of the first epochs, to ``widths`` in the end.

    Channels are scored by their L1 norms at each cut. Rates follow the recipe throughout;
    the optimizer begins anew after each of the first ``cuts`` epochs.

    Args:
        network: trained in place for the first epoch, then replaced by smaller ones.
        widths: channels a group in the end.
        development: training and validation split.
        recipe: of the whole training.
        cuts: number of cuts, in [1, epochs - 1].

    Yields:
        The network as it is after each epoch, and its metrics.

    Raises:
        PolicyError: the widths do not fit the network.
        UntraceableNetworkError: the network, or one cut from it, cannot be followed.
        StageError: a loss that is not finite.
    """
    assert 1 <= cuts < recipe.epochs, (cuts, recipe.epochs)
    plan = SurgeryPlan.of(network, development.input_shape)
    plan.kept_first(widths)  # refuses widths that do not fit before anything is trained
    dense, generator = plan.widths, torch.Generator().manual_seed(recipe.seed)
    for epoch in range(cuts + 1):
        if epoch > 0:
            network = _cut(network, plan, widths_between(dense, widths, cubic(epoch, cuts)))
        if 0 < epoch < cuts:
            plan = _again(plan, network)
        span = 1 if epoch < cuts else recipe.epochs - cuts
        later = train(network, development, recipe, done=epoch, generator=generator)
        for metrics in islice(later, span):
            yield network, metrics


def _cut(network: nn.Module, plan: SurgeryPlan, widths: Sequence[int]) -> nn.Module:
    return plan.prune(network, importance.keep(importance.l1(network, plan), widths))


def _again(plan: SurgeryPlan, network: nn.Module) -> SurgeryPlan:
    """The plan of a network that was cut by ``plan``."""
    after = SurgeryPlan.of(network, plan.graph.input_shape)
    names = [group.name for group in plan.groups]
    if [group.name for group in after.groups] != names:
        raise UntraceableNetworkError("the cut network has other groups than the dense one")
    return after
