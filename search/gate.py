"""The publication gate: what a model must hold before an application can meet it."""

from __future__ import annotations

from secateur.records import EvaluatedModel
from secateur.spec import PublishSpec


def failures(gate: PublishSpec, dense: EvaluatedModel, champion: EvaluatedModel) -> tuple[str, ...]:
    """One line for every figure that misses its bound; none if the gate holds.

    Args:
        gate: the bounds.
        dense: the parent.
        champion: the model that is up for publication.
    """
    accuracy = champion.figures.accuracy
    drop = dense.figures.accuracy - accuracy
    cut = 1 - champion.figures.flops / dense.figures.flops
    lines = []
    if accuracy < gate.min_accuracy:
        lines.append(
            f"accuracy {accuracy:.2%} is below publish.min_accuracy {gate.min_accuracy:.2%}"
        )
    if drop > gate.max_accuracy_drop:
        lines.append(
            f"accuracy drop {drop:.2%} is above publish.max_accuracy_drop "
            f"{gate.max_accuracy_drop:.2%}"
        )
    if cut < gate.min_flops_cut:
        lines.append(f"FLOPs cut {cut:.2%} is below publish.min_flops_cut {gate.min_flops_cut:.2%}")
    return tuple(lines)
