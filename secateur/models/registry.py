"""Names of network families, and the one door through which networks are built.

A family is a function of ``(input_shape, classes, **arguments)`` in a file of its own.
The space it is registered with is the single statement of its arguments and their
bounds: what a search may ask for is exactly what can be built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from secateur.models import generators
from secateur.models.asking import check
from secateur.records import Architecture
from secateur.spaces import Frozen, fields

Builder = Callable[..., nn.Module]
_B = TypeVar("_B", bound=Builder)


@dataclass(frozen=True)
class Family:
    """A registered family.

    Attributes:
        builder: called as ``builder(input_shape, classes, **arguments)``; every argument
            has a default.
        space: the arguments, by name, and their bounds.
    """

    builder: Builder
    space: type[Frozen]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the keyword arguments."""
        return fields(self.space)


_FAMILIES: dict[str, Family] = {}


def register(name: str, space: type[Frozen]) -> Callable[[_B], _B]:
    """Decorate a builder to make it buildable as ``name``."""

    def keep(builder: _B) -> _B:
        assert name not in _FAMILIES, f"two families named {name!r}"
        _FAMILIES[name] = Family(builder, space)
        return builder

    return keep


def families() -> dict[str, Family]:
    """All registered families by name."""
    return dict(_FAMILIES)


def build(architecture: Architecture, seed: int | None = None) -> nn.Module:
    """Build a network on the CPU, in training mode.

    The network takes normalised float images (batch, channels, height, width) and
    returns logits (batch, classes). A generator takes noise (batch, latent, 1, 1) and
    returns images in [-1, 1] of the architecture's input shape.

    Args:
        architecture: the family, its arguments, and the shapes at both ends.
        seed: of the initial weights; torch's global random state is then left as it
            was. Absent, the weights come from that global state.

    Raises:
        ArchitectureError: an unknown family or argument, a value out of bounds, or an
            input too small for the family.
    """
    if architecture.name in generators.families():
        return generators.build_generator(architecture, seed)
    family = check(architecture, _FAMILIES)
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        return family.builder(
            architecture.input_shape, architecture.classes, **architecture.arguments
        )


def takes(architecture: Architecture) -> tuple[int, int, int]:
    """The shape of one input of the network: the image's, or (latent, 1, 1) of a generator.

    Raises:
        ArchitectureError: a generator that cannot be built.
    """
    if architecture.name in generators.families():
        return (generators.latent_of(architecture), 1, 1)
    return architecture.input_shape
