"""Dense against compressed, and what was published."""

from __future__ import annotations

from secateur.records.base import Record
from secateur.records.networks import Figures


class EvaluatedModel(Record):
    """A model and its figures on the test split; ``target`` 0 is the dense parent.

    Of a regression its ``validation_accuracy`` is R².
    """

    target: float
    artifact: str
    validation_accuracy: float
    figures: Figures


class EvaluatedVariant(Record):
    """A model in another precision, and its figures on the test split.

    Attributes:
        figures: its own.
        failures: one line for each of them that misses a bound of the publication gate; it
            is published only where there is none.
    """

    figures: Figures
    failures: tuple[str, ...] = ()


class Evaluation(Record):
    """Dense against compressed, on a test split that nothing before has seen.

    Attributes:
        dense: the parent.
        compressed: one a target, in the order of the targets.
        chosen: index into ``compressed``, picked on the validation split alone; absent where
            nothing was pruned.
        int8: the chosen model in 8-bit integers, where the job asked for it.
    """

    dense: EvaluatedModel
    compressed: tuple[EvaluatedModel, ...]
    chosen: int | None
    int8: EvaluatedVariant | None = None

    @property
    def champion(self) -> EvaluatedModel:
        """The model that is up for publication: a compressed one, or the dense one alone."""
        return self.dense if self.chosen is None else self.compressed[self.chosen]


class Publication(Record):
    """The outcome of the publication gate.

    Attributes:
        name: name in the model registry.
        version: registered version, absent where the gate refused.
        failures: one line a figure that missed its bound.
        alias: of the version.
    """

    name: str
    version: str | None
    failures: tuple[str, ...] = ()
    alias: str = "champion"
