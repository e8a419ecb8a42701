"""Which part of a network learns, and which stays as it is."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.nn import Parameter
from torch.nn.modules.conv import _ConvNd


def freeze_all_but(network: nn.Module, layers: int) -> None:
    """Let only the last layers of a network learn, in place.

    Layers are convolutions and dense layers in the order in which the network holds them;
    whatever lies between the first of the last ``layers`` and the end learns too, which is
    their normalisations and biases.

    Args:
        network: all of it may have learned before.
        layers: at least 1: the classifier. With as many as the network has all of it learns.
    """
    assert layers >= 1, layers
    modules = list(network.modules())
    places = [
        place for place, module in enumerate(modules) if isinstance(module, (_ConvNd, nn.Linear))
    ]
    first = places[-layers] if layers <= len(places) else 0
    for place, module in enumerate(modules):
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad = place >= first


def learning(network: nn.Module) -> Iterator[Parameter]:
    """The parameters that learn."""
    return (parameter for parameter in network.parameters() if parameter.requires_grad)


def train_mode(network: nn.Module) -> None:
    """Training mode, but for what is frozen: statistics of its batch norms stay too."""
    network.train()
    for module in network.modules():
        own = list(module.parameters(recurse=False))
        if own and not any(parameter.requires_grad for parameter in own):
            module.eval()
