"""What the weights of a network that is to be trained begin as, and which of them learn."""

from __future__ import annotations

from torch import nn

from secateur.models.pretrained import load_torchvision
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spaces import StartsFrom
from secateur.training.modes import freeze_all_but


def begin(architecture: Architecture, start: StartsFrom, seed: int | None = None) -> nn.Module:
    """Build a network, fill it with the published weights, and freeze what is not to learn.

    Args:
        architecture: of the network.
        start: the file of the weights, if any, and how many layers learn.
        seed: of all other weights; torch's global random state where absent.

    Raises:
        ArtifactError: the file is absent or does not fit.
        ArchitectureError: the architecture makes no network.
    """
    network = build(architecture, seed)
    if start.weights is not None:
        load_torchvision(network, start.weights)
    if start.learning_layers is not None:
        freeze_all_but(network, start.learning_layers)
    return network
