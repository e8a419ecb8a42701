"""From a point of a search space to a generative network and its recipe."""

from __future__ import annotations

from search.space import Point, fixed
from secateur.records import Architecture, GenerativeRecipe
from secateur.spaces import Frozen
from secateur.spec import GenerationSpec

Shape = tuple[int, int, int]
"""(channels, height, width) of one image."""


def realise(
    spec: GenerationSpec, point: Point, shape: Shape
) -> tuple[Architecture, GenerativeRecipe]:
    """The networks and the recipe that a point stands for.

    Args:
        spec: the job.
        point: nested, as ``search.space`` says.
        shape: of one image.
    """
    search, kind = spec.search, point["network"]
    space: Frozen = next(space for space in search.networks if space.kind == kind)
    architecture = Architecture(
        name=kind, arguments=fixed(space) | point.get(kind, {}), input_shape=shape, classes=1
    )
    bounds = {
        "steps": search.steps,
        "seconds": search.seconds,
        "interval": min(search.interval, search.steps),
        "seed": spec.seed,
    }
    chosen = fixed(search.recipe) | point.get("recipe", {})
    return architecture, GenerativeRecipe.model_validate(chosen | bounds)
