"""What was asked for as flat parameters, named as people find them in the job file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secateur.records import Architecture, GenerativeRecipe, Recipe, Scalar
from secateur.spec import AnySpec
from secateur.tracking import names


def of_job(spec: AnySpec) -> dict[str, Scalar]:
    """Every field of a job, defaults included: ``search.networks.resnet.width``."""
    return flat(spec.model_dump(mode="json"))


def of_trial(network: Architecture, recipe: Recipe | GenerativeRecipe) -> dict[str, Scalar]:
    """A trial's network and recipe: ``network``, ``resnet.width``, ``recipe.optimizer``."""
    return flat(
        {
            names.NETWORK: network.name,
            network.name: network.arguments,
            "recipe": recipe.model_dump(mode="json"),
        }
    )


def flat(content: Mapping[str, Any], path: str = "") -> dict[str, Scalar]:
    """Nested mappings as one, with dotted names.

    Mappings in a list go by their ``kind``, where they have one.  Other lists, and what YAML
    and Python write differently, are written as in YAML: ``[0.5, 0.75]``, ``null``, ``true``.
    """
    return dict(_flat(content, path))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, Mapping):
        for field, below in value.items():
            yield from _flat(below, f"{path}.{field}" if path else field)
    elif _of_kinds(value):
        for below in value:
            rest = {field: entry for field, entry in below.items() if field != "kind"}
            yield from _flat(rest, f"{path}.{below['kind']}")
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield path, value
    else:
        yield path, json.dumps(value)


def _of_kinds(value: Any) -> bool:
    """Whether this is a list of mappings that each have a kind of their own."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    kinds = [below.get("kind") for below in value if isinstance(below, Mapping)]
    return len(kinds) == len(value) == len(set(kinds)) and None not in kinds
