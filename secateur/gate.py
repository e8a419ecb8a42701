"""The publication gate: what a model must hold before an application can meet it."""

from __future__ import annotations

from pydantic import Field

from secateur.records import Figures
from secateur.spaces.dimensions import Frozen

ROUNDING = 1e-9
"""What a figure may miss its bound by: 0.97 - 0.95 is more than 0.02 in floats."""


class Gate(Frozen):
    """Bounds on the figures of a model, all measured on the test split.

    Attributes:
        min_accuracy: least accuracy, or R² of a regression.
        max_accuracy_drop: most of it that may be lost against the dense parent.
        min_flops_cut: least share of FLOPs removed.
    """

    min_accuracy: float = Field(default=0.0, ge=0, le=1)
    max_accuracy_drop: float = Field(default=0.02, ge=0, le=1)
    min_flops_cut: float = Field(default=0.0, ge=0, lt=1)

    def bounds(self) -> Gate:
        """The bounds alone, of whatever else a subclass holds."""
        return Gate(**{name: getattr(self, name) for name in Gate.model_fields})


def failures(gate: Gate, dense: Figures, model: Figures) -> tuple[str, ...]:
    """One line for every figure that misses its bound; none if the gate holds.

    Args:
        gate: the bounds.
        dense: of the parent.
        model: of the model that is up for publication.
    """
    drop = dense.accuracy - model.accuracy
    cut = 1 - model.flops / dense.flops
    score = model.score_name
    lines = []
    if model.accuracy < gate.min_accuracy:
        lines.append(
            f"{score} {model.accuracy:.2%} is below publish.min_accuracy {gate.min_accuracy:.2%}"
        )
    if drop > gate.max_accuracy_drop + ROUNDING:
        lines.append(
            f"{score} drop {drop:.2%} is above publish.max_accuracy_drop "
            f"{gate.max_accuracy_drop:.2%}"
        )
    if cut < gate.min_flops_cut - ROUNDING:
        lines.append(f"FLOPs cut {cut:.2%} is below publish.min_flops_cut {gate.min_flops_cut:.2%}")
    return tuple(lines)
