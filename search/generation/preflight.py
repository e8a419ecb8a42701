"""What can be known to be wrong with a generative job before any worker starts."""

from __future__ import annotations

import numpy as np
from torch import nn

from agents.task import bounds_of
from search import footprint
from search.generation.space import realise
from search.preflight import check_agent, out_of_reach
from search.space import extreme
from secateur.compression.cost import CostModel
from secateur.compression.graph import trace
from secateur.compression.policy import check_reachable
from secateur.data import Dataset, load
from secateur.errors import SpecError, UnreachableTargetError, UntraceableNetworkError
from secateur.judging.judge import check_number
from secateur.models.registry import takes
from secateur.records import Architecture
from secateur.spaces import ends
from secateur.spec import GenerationSpec, PruneSpec
from secateur.training.generative import begin, recovery


def preflight(spec: GenerationSpec, *, anew: bool = False) -> Dataset:
    """Load the data, and try the smallest and the largest networks of every family.

    Args:
        spec: the job.
        anew: whether it is to begin anew, whatever was done under its name.

    Raises:
        DataError: the data cannot be read, or is too little to judge by.
        SpecError: a family with no channel to prune, a network beyond all memory, a
            constraint that its critic does not go with, a recovery with nothing to learn from,
            or no agent to start from.
        ArchitectureError: a family does not fit the data's images.
        UnreachableTargetError: a FLOPs target is beyond what the bounds let a family cut.
    """
    data = load(spec.data, spec.seed)
    assert data.train.pixels.dtype == np.uint8, "parse() refuses what is not made of images"
    check_number(len(data.test), "test images")
    check_number(len(data.train) + len(data.validation), "images to learn from")
    check_agent(spec, anew=anew)
    for place, space in enumerate(spec.search.networks):
        for largest in (False, True):
            point = {"network": space.kind, space.kind: extreme(space, largest=largest)}
            point["recipe"] = extreme(spec.search.recipe, largest=largest)
            architecture, recipe = realise(spec, point, data.input_shape)
            footprint.check(architecture, f"search.networks.{place}", spec.limits)
            # Each with each network, not the first with the first alone.
            constraints = ends(spec.search.recipe.constraint)
            tried = (recipe.model_copy(update={"constraint": one}) for one in constraints)
            *_, model = (begin(architecture, one) for one in tried)
            if spec.prune is not None and spec.recover is not None:
                recovery.check(model, spec.recover)
                field = f"search.networks.{place}"
                _check_targets(spec.prune, field, model.generator, architecture)
    return data


def _check_targets(
    spec: PruneSpec, field: str, generator: nn.Module, architecture: Architecture
) -> None:
    shape = takes(architecture)
    try:
        graph = trace(generator, shape)
    except UntraceableNetworkError as error:
        raise SpecError(field, architecture.name, f"a family to prune: {error}") from None
    try:
        cost = CostModel.of(generator, graph, shape)
        allowed = bounds_of(spec, graph.groups)
        check_reachable(cost, allowed, spec.targets[-1], spec.parameters)
    except UnreachableTargetError as error:
        raise out_of_reach(error, architecture) from None
