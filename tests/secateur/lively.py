"""Networks in which a channel that is taken for another shows."""

from __future__ import annotations

from torch import nn


def enliven(network: nn.Module) -> nn.Module:
    """The same network, its batch norms no longer alike: equal ones would hide a wrong index."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network
