"""How the training of a generator went, and dense generators against compressed ones."""

from __future__ import annotations

from secateur.records.base import Record
from secateur.records.generation import GenerativeMetrics, Likeness
from secateur.records.networks import Figures, ServedCost


class GeneratorFigures(ServedCost):
    """What a saved generator was measured to do.

    Attributes:
        likeness: of the images that the served graph makes, to those of the test split.
    """

    likeness: Likeness


AnyFigures = Figures | GeneratorFigures
"""What was measured of a saved network of any kind."""


class JudgedStep(Record):
    """How images were judged in the course of a training; ``step`` is the generator's."""

    step: int
    likeness: Likeness


class GenerativeCurve(Record):
    """The training of one generator from its first interval to its last.

    Attributes:
        trial: number of the trial in its search.
        metrics: one an interval.
        judged: after some of them.
    """

    trial: int
    metrics: tuple[GenerativeMetrics, ...]
    judged: tuple[JudgedStep, ...] = ()


class EvaluatedGenerator(Record):
    """A saved generator and its figures on the test split.

    Attributes:
        target: share of FLOPs that was to be cut; 0 is the dense parent.
        artifact: its folder, relative to the job's.
        validation: likeness to the images that it was chosen by.
        figures: on the test split.
    """

    target: float
    artifact: str
    validation: Likeness
    figures: GeneratorFigures


class GenerativeEvaluation(Record):
    """Dense against compressed, by images that nothing before has seen.

    Attributes:
        dense: the parent.
        compressed: one a target, in the order of the targets.
        chosen: index into ``compressed``, picked by the validation distance alone; absent
            where nothing was pruned.
    """

    dense: EvaluatedGenerator
    compressed: tuple[EvaluatedGenerator, ...] = ()
    chosen: int | None = None

    @property
    def champion(self) -> EvaluatedGenerator:
        """What is up for publication: a compressed generator, or the dense one alone."""
        return self.dense if self.chosen is None else self.compressed[self.chosen]
