"""The publication gate of generators, which are judged by a distance rather than an accuracy."""

from __future__ import annotations

from pydantic import Field

from secateur.gate import ROUNDING
from secateur.records import GeneratorFigures
from secateur.spaces.dimensions import Frozen


class GeneratorGate(Frozen):
    """Bounds on the figures of a generator, all measured on the test split.

    Attributes:
        max_distance: largest Fréchet distance; any where absent.
        max_distance_ratio: largest Fréchet distance as a multiple of the dense parent's.
        min_flops_cut: least share of FLOPs removed.
        allow_collapsed: whether images that lack the variety of real ones may pass.
    """

    max_distance: float | None = Field(default=None, gt=0)
    max_distance_ratio: float = Field(default=1.1, ge=1)
    min_flops_cut: float = Field(default=0.0, ge=0, lt=1)
    allow_collapsed: bool = False

    def bounds(self) -> GeneratorGate:
        """The bounds alone, of whatever else a subclass holds."""
        return GeneratorGate(**{name: getattr(self, name) for name in GeneratorGate.model_fields})


def failures(
    gate: GeneratorGate, dense: GeneratorFigures, model: GeneratorFigures
) -> tuple[str, ...]:
    """One line for every figure that misses its bound; none if the gate holds.

    Args:
        gate: the bounds.
        dense: of the parent.
        model: of the generator that is up for publication.
    """
    distance, parent = model.likeness.distance, dense.likeness.distance
    cut = 1 - model.flops / dense.flops
    lines = []
    if gate.max_distance is not None and distance > gate.max_distance:
        lines.append(f"distance {distance:.3g} is above publish.max_distance {gate.max_distance:g}")
    if distance > (gate.max_distance_ratio + ROUNDING) * parent:
        lines.append(
            f"distance {distance:.3g} after {parent:.3g} is above publish.max_distance_ratio "
            f"{gate.max_distance_ratio:g}"
        )
    if cut < gate.min_flops_cut - ROUNDING:
        lines.append(f"FLOPs cut {cut:.2%} is below publish.min_flops_cut {gate.min_flops_cut:.2%}")
    if model.likeness.collapsed and not gate.allow_collapsed:
        lines.append("the images lack the variety of real ones; publish.allow_collapsed is false")
    return tuple(lines)
