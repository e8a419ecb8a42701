"""What the training of a network takes at least, known before any of it is allocated."""

from __future__ import annotations

import psutil
import torch

from secateur.errors import SpecError
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spec import LimitsSpec

_BYTES = 16
"""A parameter's: its value, its gradient and the two moments of Adam, 4 bytes each."""

_GB = 1e9


def check(architecture: Architecture, field: str, limits: LimitsSpec) -> None:
    """Refuse a network whose training fits neither into the limits nor into this machine.

    Nothing is allocated for it.

    Args:
        architecture: of the network.
        field: that asks for it.
        limits: of the job.

    Raises:
        SpecError: its parameters alone take more.
        ArchitectureError: the architecture makes no network.
    """
    with torch.device("meta"):
        network = build(architecture)
    count = sum(parameter.numel() for parameter in network.parameters())
    here, allowed = psutil.virtual_memory().total / _GB, limits.memory_gb
    most = here if allowed is None else min(here, allowed)
    if count * _BYTES > most * _GB:
        named = ", ".join(f"{name} {value}" for name, value in architecture.arguments.items())
        bound = "of this machine" if most == here else "of limits.memory_gb"
        raise SpecError(
            field,
            f"{architecture.name} ({named})",
            f"a network to train in the {most:.3g} GB {bound}: its {count / 1e9:.3g} billion "
            f"parameters take {count * _BYTES / _GB:.3g} GB and more",
        )
