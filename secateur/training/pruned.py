"""A pruned network and where it comes from: what every method of recovery is given."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from secateur.compression.plan import Kept, SurgeryPlan
from secateur.data.dataset import Development
from secateur.records import Architecture, Recipe
from secateur.spaces import FROM_SCRATCH, StartsFrom


@dataclass(frozen=True, eq=False)
class Pruned:
    """A network that was cut out of a trained one.

    Attributes:
        network: that was cut, and is to recover.
        dense: the trained network, on the same device.
        plan: of the dense network's surgery.
        kept: channels of the dense network that ``network`` holds, an array a group.
        architecture: of the dense network.
        recipe: that the dense network was trained with, from weights of the recipe's seed.
        development: training and validation split, of both networks.
        start: what the dense training began with besides the recipe's seed.
    """

    network: nn.Module
    dense: nn.Module
    plan: SurgeryPlan
    kept: Kept
    architecture: Architecture
    recipe: Recipe
    development: Development
    start: StartsFrom = FROM_SCRATCH


@dataclass(frozen=True)
class Outset:
    """How a training begins, or goes on.

    Attributes:
        recipe: to train by.
        done: epochs of the recipe that are over already.
        generator: of order, augmentation and dropout; seeded by the recipe where absent.
    """

    recipe: Recipe
    done: int = 0
    generator: torch.Generator | None = None
