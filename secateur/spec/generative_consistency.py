"""What the parts of a generative job ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secateur.errors import SpecError
from secateur.spaces import ends

if TYPE_CHECKING:
    from secateur.spec.generation import GenerationSpec


def check(spec: GenerationSpec) -> None:
    """Hold the parts of a job, each sound by itself, against each other.

    Raises:
        SpecError: two parts contradict each other.
    """
    if spec.data.task != "classification":
        raise SpecError("data.kind", spec.data.kind, "a kind of images to generate")
    if spec.show and spec.data.kind == "motors":
        expected = "0 for motors: their signals have two channels, and pictures one or three"
        raise SpecError("show", spec.show, expected)
    recipe = spec.search.recipe
    if set(ends(recipe.loss)) == {"wasserstein"} and any(ends(recipe.label_smoothing)):
        expected = "0 with the loss wasserstein, whose critic has no targets to smooth"
        raise SpecError("search.recipe.label_smoothing", recipe.label_smoothing, expected)
    if spec.prune is None:
        if spec.publish.min_flops_cut:
            expected = "0 where prune is null: nothing is cut"
            raise SpecError("publish.min_flops_cut", spec.publish.min_flops_cut, expected)
        return
    if spec.recover is None:
        raise SpecError("recover", None, "a recovery, or null for prune as well")
