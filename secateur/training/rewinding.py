"""Weight rewinding (Renda, Frankle & Carbin 2020, "Comparing rewinding and fine-tuning").

Early weights are not stored but computed again: training follows from the recipe, whose
seed is that of the initial weights too, but for those that came out of a file. The same
device and number of threads give the very weights that the dense network once had.
"""

from __future__ import annotations

from itertools import islice

import torch
from torch import nn

from secateur.data.dataset import Development
from secateur.records import Architecture, Recipe
from secateur.spaces import FROM_SCRATCH, StartsFrom
from secateur.spec.finetune import RewindSpec
from secateur.training.beginning import begin
from secateur.training.evaluation import device_of
from secateur.training.pruned import Outset, Pruned
from secateur.training.supervised import train


def rewind(pruned: Pruned, spec: RewindSpec) -> Outset:
    """Give a pruned network the weights that its channels had early in the dense training.

    Batch norm statistics are those of the same epoch. What follows is the rest of the dense
    training: its rates, and the order of images that it had. Where nothing is cut and the
    optimizer has no state, that makes the dense network once more.

    Args:
        pruned: its network is altered in place.
        spec: how far to go back.
    """
    epochs = spec.early(pruned.recipe.epochs)
    dense, generator = retrace(
        pruned.architecture,
        pruned.recipe,
        pruned.development,
        epochs,
        device_of(pruned.dense),
        pruned.start,
    )
    early = pruned.plan.prune(dense, pruned.kept)
    pruned.network.load_state_dict(early.state_dict())
    return Outset(pruned.recipe, epochs, generator)


def retrace(
    architecture: Architecture,
    recipe: Recipe,
    development: Development,
    epochs: int,
    device: torch.device,
    start: StartsFrom = FROM_SCRATCH,
) -> tuple[nn.Module, torch.Generator]:
    """A dense network as it was after the first epochs of its training.

    Args:
        architecture: of the network.
        recipe: of the whole training; its seed is that of the initial weights.
        development: training and validation split.
        epochs: to repeat, from 0, which gives the initial weights, to the recipe's.
        device: that it was trained on.
        start: what its training began with besides the seed, and which layers learned.

    Returns:
        The network, and the generator that the later epochs drew from.

    Raises:
        ArtifactError: the file is absent or does not fit.
        StageError: a loss that is not finite.
    """
    assert 0 <= epochs <= recipe.epochs, (epochs, recipe.epochs)
    network = begin(architecture, start, recipe.seed).to(device)
    generator = torch.Generator().manual_seed(recipe.seed)
    for _ in islice(train(network, development, recipe, generator=generator), epochs):
        pass
    return network, generator
