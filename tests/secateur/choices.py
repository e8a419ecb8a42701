"""What the spaces of families offer by name or by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from pydantic import ValidationError

from secateur.records import Scalar
from secateur.spaces import Frozen


class Family(Protocol):
    space: type[Frozen]
    arguments: tuple[str, ...]


def choices(families: Mapping[str, Family]) -> Iterator[tuple[str, str, Scalar]]:
    """Family, field and value, of all fields but those of any number within bounds."""
    for name, family in families.items():
        for field in family.arguments:
            for value in _listed(family.space, field):
                yield name, field, value


def _listed(space: type[Frozen], field: str) -> Iterator[Scalar]:
    """As the refusals of a word and of a number list them."""
    if names := re.search(r"one of (.+)", _refusal(space, field, "?")):
        yield from names[1].split(", ")
    if numbers := re.search(r"values out of (.+), not", _refusal(space, field, -1)):
        yield from map(int, numbers[1].split(", "))


def _refusal(space: type[Frozen], field: str, value: Scalar) -> str:
    try:
        space.model_validate({field: value})
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    raise AssertionError(f"{space.__name__}.{field} takes {value!r}")
