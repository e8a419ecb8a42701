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
from pydantic import ValidationError
from torch import nn

from secateur.errors import ArchitectureError, nearest
from secateur.records import Architecture
from secateur.spaces import Frozen, fields
from secateur.validation import spec_error

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
    returns logits (batch, classes).

    Args:
        architecture: the family, its arguments, and the shapes at both ends.
        seed: of the initial weights; torch's global random state is then left as it
            was. Absent, the weights come from that global state.

    Raises:
        ArchitectureError: an unknown family or argument, a value out of bounds, or an
            input too small for the family.
    """
    family = _checked(architecture)
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        return family.builder(
            architecture.input_shape, architecture.classes, **architecture.arguments
        )


def _checked(architecture: Architecture) -> Family:
    name = architecture.name
    if name not in _FAMILIES:
        raise ArchitectureError(
            f"network: {name!r} is unknown; expected {nearest(name, _FAMILIES)}"
        )
    if min(architecture.input_shape) < 1:
        shape = architecture.input_shape
        raise ArchitectureError(f"{name}.input_shape: {shape} is empty; expected sides of 1 and up")
    family = _FAMILIES[name]
    for argument in architecture.arguments:
        if argument not in family.arguments:
            known = nearest(argument, family.arguments)
            raise ArchitectureError(f"{name}.{argument}: unknown argument; expected {known}")
    try:
        family.space.model_validate(architecture.arguments)
    except ValidationError as error:
        raise ArchitectureError(f"{name}.{spec_error(family.space, error)}") from None
    return family
