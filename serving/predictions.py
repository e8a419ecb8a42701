"""What a classifier says of one picture: the answer of the server and of its client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from secateur.records import Record


class Prediction(Record):
    """One classified picture.

    Attributes:
        model: name of the model that answered.
        version: of that model.
        label: the most probable class.
        probabilities: by class, each in [0, 1], in the order of the model's outputs.
    """

    model: str
    version: str
    label: str
    probabilities: dict[str, float]

    @classmethod
    def of(
        cls, model: str, version: str, labels: Sequence[str], probabilities: Sequence[float]
    ) -> Self:
        """Pair the labels with their probabilities and pick the most probable."""
        by_label = dict(zip(labels, probabilities, strict=True))
        label = max(by_label, key=by_label.__getitem__)
        return cls(model=model, version=version, label=label, probabilities=by_label)
