"""The models of one server process, by name and version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from secateur.errors import UserError
from serving.errors import UnknownModelError
from serving.runtime import Classifier
from serving.source import ModelSource

# float32 (n, channels, height, width) in, float32 (n, classes) out.
Predict = Callable[[NDArray[np.float32]], Awaitable[NDArray[np.float32]]]


@dataclass(frozen=True)
class Model:
    """One version of a model, ready to answer.

    Attributes:
        name: name that clients ask for.
        version: of the model.
        classifier: what it is.
        predict: how to ask it: images as ``Classifier.probabilities`` takes them.
    """

    name: str
    version: str
    classifier: Classifier
    predict: Predict


class Catalogue:
    """Models by name, one version of each.

    Raises:
        UserError: two models share a name.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        self._models: dict[str, Model] = {}
        for model in models:
            if model.name in self._models:
                raise UserError(f"two models are named '{model.name}'; expected distinct names")
            self._models[model.name] = model

    @classmethod
    def load(
        cls, sources: Iterable[ModelSource], predictor: Callable[[Classifier], Predict]
    ) -> Self:
        """Fetch and open the current model of every source.

        Args:
            sources: where the models come from.
            predictor: gives a classifier its way of being asked.

        Raises:
            SecateurError: a model cannot be fetched or opened, or two share a name.
        """
        return cls(_open(source, predictor) for source in sources)

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def __len__(self) -> int:
        return len(self._models)

    def get(self, name: str, version: str | None = None) -> Model:
        """The model ``name``; where ``version`` is given, only if that is the one served.

        Raises:
            UnknownModelError: no such model, or not in this version.
        """
        model = self._models.get(name)
        if model is None:
            raise UnknownModelError(f"model '{name}' is not served here")
        if version not in (None, model.version):
            raise UnknownModelError(f"model '{name}' has no version '{version}'")
        return model


def _open(source: ModelSource, predictor: Callable[[Classifier], Predict]) -> Model:
    saved = source.fetch()
    classifier = Classifier.load(saved.folder)
    return Model(source.name, saved.version, classifier, predictor(classifier))
