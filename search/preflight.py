"""What can be known to be wrong before any worker starts."""

from __future__ import annotations

from typing import Any

from agents.task import bounds_of
from search.space import realise
from secateur.compression.cost import CostModel
from secateur.compression.graph import trace
from secateur.compression.policy import check_reachable
from secateur.data import Dataset, load
from secateur.errors import UnreachableTargetError
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spaces import NetworkSpace, RecipeSpace, dimensions, ends
from secateur.spec import JobSpec


def preflight(spec: JobSpec) -> Dataset:
    """Load the data, and try the smallest and the largest network of every family.

    Raises:
        DataError: the data cannot be read or learned from.
        ArchitectureError: a family does not fit the data's images.
        UnreachableTargetError: a FLOPs target is beyond what the bounds let a family cut.
    """
    data = load(spec.data, spec.seed)
    for space in spec.search.networks:
        for end in (0, -1):
            point = {"network": space.kind, space.kind: _end(space, end)}
            point["recipe"] = _end(spec.search.recipe, end)
            architecture, _ = realise(spec, point, data.train.shape, len(data.labels))
            _check_targets(spec, architecture)
    return data


def _end(space: NetworkSpace | RecipeSpace, end: int) -> dict[str, Any]:
    return {field: ends(dimension)[end] for field, dimension in dimensions(space).items()}


def _check_targets(spec: JobSpec, architecture: Architecture) -> None:
    network = build(architecture)
    graph = trace(network, architecture.input_shape)
    cost = CostModel.of(network, graph, architecture.input_shape)
    try:
        check_reachable(cost, bounds_of(spec.prune, graph.groups), spec.prune.targets[-1])
    except UnreachableTargetError as error:
        arguments = ", ".join(f"{key} {value}" for key, value in architecture.arguments.items())
        raise UnreachableTargetError(
            "prune.targets",
            spec.prune.targets[-1],
            f"{error.expected} for {architecture.name} ({arguments})",
        ) from None
