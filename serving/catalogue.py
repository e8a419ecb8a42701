"""The models of one server process, by name and version."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from secateur.errors import UserError
from secateur.manifest import ServedPrecision
from serving.errors import UnknownModelError
from serving.network import Network
from serving.opening import open_network
from serving.source import ModelSource, SavedModel

logger = logging.getLogger(__name__)

# A look that is so late has met a registry that hangs.
SILENT_S = 60.0
# Rows in and rows out, as ``Network.run``.
Predict = Callable[[NDArray[np.float32]], Awaitable[NDArray[np.float32]]]
# Gives a network of a model's name its way of being asked.
Predictor = Callable[[str, Network], Predict]


@dataclass(frozen=True)
class Model:
    """One version of a model, ready to answer.

    Attributes:
        name: name that clients ask for.
        version: of the model.
        network: what it is.
        predict: how to ask it, as ``Network.run`` is asked.
        since: POSIX time from which on it is there.
    """

    name: str
    version: str
    network: Network
    predict: Predict
    since: float = field(default_factory=time.time)

    def stands_in_for(self, other: Model) -> bool:
        """Whether this is another version that takes and answers the same as ``other``."""
        mine, its = self.network, other.network
        return (
            self.version != other.version
            and type(mine) is type(its)
            and (mine.input_shape, mine.output_shape) == (its.input_shape, its.output_shape)
            and mine.manifest.labels == its.manifest.labels
        )


@dataclass(frozen=True)
class Refresh:
    """What came of the last look at where a model comes from.

    Attributes:
        checked: POSIX time of that look.
        reason: why the model is not the one that its source names; empty where it is.
        wait: seconds from that look to the next.
    """

    checked: float
    reason: str = ""
    wait: float = 0.0

    def kept(self) -> str:
        """Why a new version may be missing now; empty where the model is current."""
        silent = time.time() - self.checked
        if silent > SILENT_S + self.wait:
            return f"the registry has not answered for {silent:.0f} seconds"
        return self.reason


Open = Callable[[str, SavedModel], Model]
# The model that answers a request, of a champion and its challenger.
Policy = Callable[[Model, Model], Model]


def champion_alone(champion: Model, _: Model) -> Model:
    """The policy without challengers."""
    return champion


def open_model(
    predictor: Predictor, name: str, saved: SavedModel, precision: ServedPrecision = "float32"
) -> Model:
    """Check, open and try a saved model, in one of its precisions.

    Raises:
        ArtifactError: as ``open_network`` does.
    """
    network = open_network(saved.folder, precision=precision)
    return Model(name, saved.version, network, predictor(name, network))


class Catalogue:
    """Models by name: a champion each, and beside it a challenger where there is one.

    May be read from any thread while one other changes it.

    Args:
        models: the champions.
        policy: whom to ask where there is a challenger and a client names no version.

    Raises:
        UserError: two models share a name.
    """

    def __init__(self, models: Iterable[Model], policy: Policy = champion_alone) -> None:
        self._champions: dict[str, Model] = {}
        self._challengers: dict[str, Model] = {}
        self._refreshes: dict[str, Refresh] = {}
        self._policy = policy
        for model in models:
            if model.name in self._champions:
                raise UserError(f"two models are named '{model.name}'; expected distinct names")
            self._champions[model.name] = model

    @classmethod
    def load(
        cls, sources: Iterable[ModelSource], open_: Open, policy: Policy = champion_alone
    ) -> Self:
        """Fetch and open the current model of every source, or the last that was sound.

        Args:
            sources: where the models come from.
            open_: opens a saved model.
            policy: as the class takes it.

        Raises:
            SecateurError: a model cannot be fetched or opened, or two share a name.
        """
        return cls((_current(source, open_) for source in sources), policy)

    def __iter__(self) -> Iterator[Model]:
        return iter(tuple(self._champions.values()))

    def __len__(self) -> int:
        return len(self._champions)

    def get(self, name: str, version: str | None = None) -> Model:
        """The champion ``name``; where ``version`` is given, that one if it is loaded.

        Raises:
            UnknownModelError: no such model, or not in this version.
        """
        champion = self._champions.get(name)
        if champion is None:
            raise UnknownModelError(f"model '{name}' is not served here")
        for model in (champion, self.challenger(name)):
            if model is not None and version in (None, model.version):
                return model
        raise UnknownModelError(f"model '{name}' has no version '{version}'")

    def pick(self, name: str, version: str | None = None) -> Model:
        """The model to answer a request: as ``get``, but the policy decides of two.

        Raises:
            UnknownModelError: as ``get`` does.
        """
        model, challenger = self.get(name, version), self.challenger(name)
        if version is None and challenger is not None and challenger.stands_in_for(model):
            return self._policy(model, challenger)
        return model

    def challenger(self, name: str) -> Model | None:
        """The challenger of a model, if it has one."""
        return self._challengers.get(name)

    def refresh(self, name: str) -> Refresh | None:
        """What came of the last look for a new champion, where anyone looks."""
        return self._refreshes.get(name)

    def crown(self, champion: Model) -> None:
        """Answer by a new champion from now on; who was asked before still answers."""
        self._champions[champion.name] = champion

    def challenge(self, name: str, challenger: Model | None) -> None:
        """Have another challenger, or none."""
        if challenger is None:
            self._challengers.pop(name, None)
        else:
            self._challengers[name] = challenger

    def note(self, name: str, refresh: Refresh) -> None:
        """Remember what came of a look for a new champion."""
        self._refreshes[name] = refresh


def _current(source: ModelSource, open_: Open) -> Model:
    try:
        saved = source.fetch(source.resolve())
        model = open_(source.name, saved)
    except Exception as error:
        # The registry may be away, or its newest version broken, in any number of ways;
        # none is a reason not to serve a model that is good.
        kept = source.kept()
        if kept is None:
            raise
        logger.warning("%s: serving kept version %s: %s", source.name, kept.version, error)
        return open_(source.name, kept)
    keep(source, saved)
    return model


def keep(source: ModelSource, saved: SavedModel) -> None:
    """Note a sound version for a restart; a full disk is no reason not to serve it."""
    try:
        source.keep(saved)
    except OSError as error:
        logger.warning("%s: version %s is not noted: %s", source.name, saved.version, error)
