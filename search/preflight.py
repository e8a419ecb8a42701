"""What can be known to be wrong before any worker starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from agents.task import bounds_of
from search.space import initial_weights, realise
from secateur.compression.cost import CostModel
from secateur.compression.graph import trace
from secateur.compression.policy import check_reachable
from secateur.data import Dataset, load
from secateur.errors import SpecError, UnreachableTargetError, UntraceableNetworkError
from secateur.models.pretrained import load_torchvision
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.spaces import NetworkSpace, RecipeSpace, dimensions, ends
from secateur.spec import JobSpec


def preflight(spec: JobSpec) -> Dataset:
    """Load the data, and try the smallest and the largest network of every family.

    Raises:
        DataError: the data cannot be read or learned from.
        SpecError: batches that are larger than the training split, or a family that has
            no channel to prune.
        ArtifactError: weights to start from are not there, or another network's.
        ArchitectureError: a family does not fit the data's images.
        UnreachableTargetError: a FLOPs target is beyond what the bounds let a family cut.
    """
    data = load(spec.data, spec.seed)
    _check_batches(spec, len(data.train))
    for place, space in enumerate(spec.search.networks):
        for end in (0, -1):
            point = {"network": space.kind, space.kind: _end(space, end)}
            point["recipe"] = _end(spec.search.recipe, end)
            architecture, _ = realise(spec, point, data.train.shape, len(data.labels))
            _check_network(spec, f"search.networks.{place}", architecture)
    return data


def _check_batches(spec: JobSpec, images: int) -> None:
    largest = max(int(size) for size in ends(spec.search.recipe.batch_size))
    if largest > images:
        expected = f"at most {images}, the size of the training split"
        raise SpecError("search.recipe.batch_size", largest, expected)


def _end(space: NetworkSpace | RecipeSpace, end: int) -> dict[str, Any]:
    return {field: ends(dimension)[end] for field, dimension in dimensions(space).items()}


def _check_network(spec: JobSpec, field: str, architecture: Architecture) -> None:
    network = build(architecture)
    weights = initial_weights(spec, architecture.name)
    if weights is not None:
        _check_weights(spec, field, network, weights)
    try:
        graph = trace(network, architecture.input_shape)
    except UntraceableNetworkError as error:
        raise SpecError(field, architecture.name, f"a family to prune: {error}") from None
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


def _check_weights(spec: JobSpec, field: str, network: nn.Module, weights: Path) -> None:
    if spec.finetune.method == "rewind":
        expected = "no weights where finetune.method is rewind: it begins with random ones again"
        raise SpecError(f"{field}.weights", str(weights), expected)
    load_torchvision(network, weights)
