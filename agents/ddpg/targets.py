"""Target networks that follow the learned ones slowly."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def soft_update(main: nn.Module, target: nn.Module, tau: float) -> None:
    """Move a target network a step towards its main network, in place.

    theta' <- tau theta + (1 - tau) theta' (Lillicrap et al. 2016, algorithm 1).

    Args:
        main: the learned network.
        target: a network with the same parameters in the same order.
        tau: step in [0, 1]; 1 copies.
    """
    slow: list[torch.Tensor] = [*target.parameters()]
    learned: list[torch.Tensor] = [*main.parameters()]
    # One call for all parameters: a loop over them would take as long as a small network.
    torch._foreach_lerp_(slow, learned, tau)
