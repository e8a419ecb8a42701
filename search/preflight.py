"""What can be known to be wrong before any worker starts."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import nn

from agents.task import bounds_of
from search import footprint, storage
from search.history import history
from search.home import Home
from search.space import extreme, realise, starts_from
from search.tune_storage import begun
from secateur.compression.cost import CostModel
from secateur.compression.graph import trace
from secateur.compression.policy import check_reachable
from secateur.data import Dataset, load
from secateur.data.dataset import digest_of
from secateur.errors import DataError, SpecError, UnreachableTargetError, UntraceableNetworkError
from secateur.paths import expanded
from secateur.records import Architecture
from secateur.spaces import ends
from secateur.spec import AnySpec, DDPGSpec, JobSpec, PruneSpec
from secateur.training import teacher
from secateur.training.beginning import begin


def preflight(spec: JobSpec, *, anew: bool = False) -> Dataset:
    """Load the data, and try the smallest and the largest network of every family.

    Args:
        spec: the job.
        anew: whether it is to begin anew, whatever was done under its name.

    Raises:
        DataError: the data cannot be read or learned from.
        SpecError: batches that are larger than the training split, or of a single image where
            a family's layers cannot take that; a family that has no channel to prune, a network
            beyond all memory, or a job to start from that has nothing to start with, be it
            trials or an agent.
        ArtifactError: weights to start from are not there, or another network's.
        ArchitectureError: a family does not fit the data's images.
        UnreachableTargetError: a FLOPs target is beyond what the bounds let a family cut.
    """
    data = load(spec.data, spec.seed)
    _check_classes(data)
    _check_batches(spec, len(data.train))
    _check_start(spec, data, anew=anew)
    check_agent(spec, anew=anew)
    if anew:
        _check_files(spec)
    for place, space in enumerate(spec.search.networks):
        for largest in (False, True):
            point = {"network": space.kind, space.kind: extreme(space, largest=largest)}
            point["recipe"] = extreme(spec.search.recipe, largest=largest)
            architecture, _ = realise(spec, point, data.input_shape, data.outputs)
            _check_network(spec, f"search.networks.{place}", architecture)
    if spec.search.teacher is not None:
        teacher.load(spec.search.teacher, data.development)
    return data


def _check_classes(data: Dataset) -> None:
    if len(data.labels) == 1:
        raise DataError(
            f"{data.name}: '{data.labels[0]}' is the only class; expected two or more to tell "
            "apart, or a job with task: generation"
        )


def _check_batches(spec: JobSpec, images: int) -> None:
    largest = max(int(size) for size in ends(spec.search.recipe.batch_size))
    if largest > images:
        expected = f"at most {images}, the size of the training split"
        raise SpecError("search.recipe.batch_size", largest, expected)


def _check_start(spec: JobSpec, data: Dataset, *, anew: bool) -> None:
    home, start = Home.find(), spec.search.warm_start
    if start is None or (begun(home.job(spec.name)) and not anew):
        return
    if anew:
        _check_stays(home.job(start), spec, "search.warm_start")
    storage.fetch(home.job(start), "job.json", "search.json")
    history(spec, home.folder, digest_of(data.train, data.validation))


def check_agent(spec: AnySpec, *, anew: bool) -> None:
    """Look for the agent that those of a job are to begin with, unless they have begun.

    Args:
        spec: the job.
        anew: whether it is to begin anew, whatever was done under its name.

    Raises:
        SpecError: there is none.
    """
    agent = spec.prune.agent if spec.prune is not None else None
    if not isinstance(agent, DDPGSpec) or agent.start_from is None:
        return
    # With RLlib, which takes seconds to load.
    from agents import carry_over
    from search.cutting import AGENTS

    agents = Home.find().job(spec.name) / AGENTS
    if anew or not agents.exists():
        found = carry_over.find(agent.start_from, agents / "target" / "stage")
        if anew:
            _check_stays(found, spec, "prune.agent.start_from")


def _check_files(spec: JobSpec) -> None:
    """Look where the other files are that a job begins with."""
    if spec.search.teacher is not None:
        _check_stays(expanded(spec.search.teacher.model), spec, teacher.FIELD)
    for place, space in enumerate(spec.search.networks):
        weights = starts_from(spec, space.kind).weights
        if weights is not None:
            _check_stays(expanded(weights), spec, f"search.networks.{place}.weights")


def _check_stays(used: Path, spec: AnySpec, field: str) -> None:
    """Refuse to begin with what is discarded before."""
    if used.resolve().is_relative_to(Home.find().job(spec.name).resolve()):
        expected = "what another job has made: with --restart this one is discarded first"
        raise SpecError(field, str(used), expected)


def _check_network(spec: JobSpec, field: str, architecture: Architecture) -> None:
    footprint.check(architecture, field, spec.limits)
    network = begin(architecture, starts_from(spec, architecture.name))
    if 1 in ends(spec.search.recipe.batch_size):
        _check_single(network, architecture)
    if spec.prune is not None:
        _check_targets(spec.prune, field, network, architecture)


def _check_single(network: nn.Module, architecture: Architecture) -> None:
    """Refuse batches of one image for a layer that has but one value a channel then."""
    try:
        with torch.no_grad():
            copy.deepcopy(network).train()(torch.zeros(1, *architecture.input_shape))
    except ValueError:
        expected = f"2 or more for {architecture.name} with its normalisation"
        raise SpecError("search.recipe.batch_size", 1, expected) from None


def _check_targets(
    spec: PruneSpec, field: str, network: nn.Module, architecture: Architecture
) -> None:
    for parameter in network.parameters():
        parameter.requires_grad = True  # what is frozen would be left out of the graph
    try:
        graph = trace(network, architecture.input_shape)
    except UntraceableNetworkError as error:
        raise SpecError(field, architecture.name, f"a family to prune: {error}") from None
    cost = CostModel.of(network, graph, architecture.input_shape)
    try:
        allowed = bounds_of(spec, graph.groups)
        check_reachable(cost, allowed, spec.targets[-1], spec.parameters)
    except UnreachableTargetError as error:
        raise out_of_reach(error, architecture) from None


def out_of_reach(
    error: UnreachableTargetError, architecture: Architecture
) -> UnreachableTargetError:
    """The same error, with the network whose target it is."""
    arguments = ", ".join(f"{key} {value}" for key, value in architecture.arguments.items())
    expected = f"{error.expected} for {architecture.name} ({arguments})"
    return UnreachableTargetError(error.field, error.value, expected)
