"""Whether a family of networks can be built as it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from pydantic import ValidationError

from secateur.errors import ArchitectureError, nearest
from secateur.records import Architecture
from secateur.spaces import Frozen
from secateur.validation import spec_error


class Buildable(Protocol):
    """A registered family, as far as its arguments go."""

    @property
    def space(self) -> type[Frozen]:
        """The arguments, by name, and their bounds."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the keyword arguments."""


_F = TypeVar("_F", bound=Buildable)


def check(architecture: Architecture, families: Mapping[str, _F]) -> _F:
    """The family of an architecture, whose arguments it can be built with.

    Raises:
        ArchitectureError: an unknown family or argument, a value out of bounds, or images
            without a pixel.
    """
    name = architecture.name
    if name not in families:
        raise ArchitectureError(f"network: {name!r} is unknown; expected {nearest(name, families)}")
    if min(architecture.input_shape) < 1:
        shape = architecture.input_shape
        raise ArchitectureError(f"{name}.input_shape: {shape} is empty; expected sides of 1 and up")
    family = families[name]
    for argument in architecture.arguments:
        if argument not in family.arguments:
            known = nearest(argument, family.arguments)
            raise ArchitectureError(f"{name}.{argument}: unknown argument; expected {known}")
    try:
        family.space.model_validate(architecture.arguments)
    except ValidationError as error:
        raise ArchitectureError(f"{name}.{spec_error(family.space, error)}") from None
    return family
