"""Fresh weights for a pruned architecture (Liu et al. 2019, "Rethinking the value of pruning")."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd

from secateur.compression.plan import SurgeryPlan
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spec.finetune import ReinitialiseSpec
from secateur.training.pruned import Outset, Pruned


def reinitialise(pruned: Pruned, _spec: ReinitialiseSpec) -> Outset:
    """Give a pruned network fresh weights, to be trained as the dense one was.

    They come from the seed after the recipe's: from the same one they would be the dense
    network's own, and the control would be the initial weights of a lottery ticket.

    Args:
        pruned: its network is altered in place.
    """
    widths = [len(channels) for channels in pruned.kept]
    network = fresh(pruned.architecture, pruned.plan, widths, pruned.recipe.seed + 1)
    pruned.network.load_state_dict(network.state_dict())
    return Outset(pruned.recipe)


def fresh(
    architecture: Architecture, plan: SurgeryPlan, widths: Sequence[int], seed: int
) -> nn.Module:
    """An untrained network of the given widths.

    Networks draw weights for their dense widths. Convolutions and dense layers that lost
    inputs are scaled by the root of dense over remaining fan-in, which is what torch's own
    initialisation does with fewer inputs; one that goes by fan-out is met up to the ratio
    of the two.

    Args:
        architecture: of the dense network.
        plan: of its surgery.
        widths: channels a group.
        seed: of the weights.

    Raises:
        PolicyError: the widths do not fit the network.
    """
    dense = build(architecture, seed)
    network = plan.prune(dense, plan.kept_first(widths))
    before = {name: _fan_in(module) for name, module in dense.named_modules()}
    with torch.no_grad():
        for name, module in network.named_modules():
            now = _fan_in(module)
            if now and now < before[name]:
                for parameter in module.parameters(recurse=False):
                    parameter.mul_((before[name] / now) ** 0.5)
    return network


def _fan_in(module: nn.Module) -> int:
    """Values that make one output of a layer, as ``torch.nn.init`` counts them; else 0."""
    return module.weight[0].numel() if isinstance(module, (_ConvNd, nn.Linear)) else 0
