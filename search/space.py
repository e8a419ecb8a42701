"""The define-by-run space of a job, and the way back from a point to a network.

A point is nested: ``{"network": "lenet", "lenet": {"width": 2.0}, "recipe": {...}}``, so
that the width of a LeNet and that of an MLP are different parameters to a sampler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FixedTrial

from secateur.records import Architecture, Recipe, Scalar
from secateur.spaces import (
    FROM_SCRATCH,
    Frozen,
    NetworkSpace,
    PublishedSpace,
    Range,
    StartsFrom,
    dimensions,
    ends,
)
from secateur.spec import ExplorationSpec, JobSpec

Point = Mapping[str, Any]


@dataclass(frozen=True)
class JobSpace:
    """Suggests one point a trial.

    A class and not a closure, since Tune pickles the space into its checkpoints.
    """

    spec: ExplorationSpec

    def __call__(self, trial: optuna.Trial | FixedTrial) -> None:
        """Ask ``trial`` for every dimension that is not fixed, chosen family first."""
        families: dict[str, Frozen] = {space.kind: space for space in self.spec.networks}
        kind = trial.suggest_categorical("network", sorted(families))
        for group, space in ((kind, families[kind]), ("recipe", self.spec.recipe)):
            for field, dimension in dimensions(space).items():
                if isinstance(dimension, (Range, tuple)):
                    _suggest(trial, f"{group}/{field}", dimension)


def realise(
    spec: JobSpec, point: Point, input_shape: tuple[int, int, int], outputs: int
) -> tuple[Architecture, Recipe]:
    """The network and the recipe that a point stands for."""
    space = _space(spec, point["network"])
    architecture = Architecture(
        name=space.kind,
        arguments=fixed(space) | point.get(space.kind, {}),
        input_shape=input_shape,
        classes=outputs,
    )
    chosen = fixed(spec.search.recipe) | point.get("recipe", {})
    recipe = Recipe.model_validate(
        chosen | {"epochs": spec.search.epochs, "augment": spec.search.augment, "seed": spec.seed}
    )
    return architecture, recipe


def nested(params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Optuna's flat parameters, ``{"lenet/width": 2.0}``, as a point."""
    point: dict[str, Any] = {}
    for name, value in params.items():
        group, _, field = name.partition("/")
        if field:
            point.setdefault(group, {})[field] = value
        else:
            point[group] = value
    return point


def starts_from(spec: JobSpec, family: str) -> StartsFrom:
    """What networks of a family begin with."""
    space = _space(spec, family)
    return space.starts_from if isinstance(space, PublishedSpace) else FROM_SCRATCH


def _space(spec: JobSpec, family: str) -> NetworkSpace:
    return next(space for space in spec.search.networks if space.kind == family)


def fixed(space: Frozen) -> dict[str, Scalar]:
    """Values of the dimensions that leave nothing to choose."""
    return {
        field: dimension
        for field, dimension in dimensions(space).items()
        if not isinstance(dimension, (Range, tuple))
    }


def extreme(space: Frozen, *, largest: bool) -> dict[str, Scalar]:
    """Every dimension at its greatest or least number; of names the last or the first."""
    found: dict[str, Scalar] = {}
    for field, dimension in dimensions(space).items():
        values = ends(dimension)
        ordered = sorted(value for value in values if isinstance(value, (int, float)))
        found[field] = (ordered if len(ordered) == len(values) else values)[-1 if largest else 0]
    return found


def _suggest(
    trial: optuna.Trial | FixedTrial, name: str, dimension: Range | tuple[Scalar, ...]
) -> None:
    if isinstance(dimension, tuple):
        trial.suggest_categorical(name, dimension)
    elif isinstance(dimension.low, int) and isinstance(dimension.high, int):
        trial.suggest_int(name, dimension.low, dimension.high, log=dimension.log)
    else:
        trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
