"""How the networks that a job tries are drawn, and how many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from secateur.spaces import Frozen, Range, dimensions
from secateur.spec.budget import BudgetSpec
from secateur.spec.gpus import GpuShare

Sampler = Literal["tpe", "gp", "cmaes", "nsga2", "qmc", "grid", "random"]


class ExplorationSpec(Frozen):
    """What searches of all kinds share.

    Attributes:
        networks: families to choose from, each a space with its ``kind``.
        recipe: dimensions of training.
        budget: bounds in time; the one of these and of ``trials`` that is reached first counts.
        trials: networks to train; where it is left out, 16, or any number with a budget.
        parallel: trials at once, each on one CPU.
        gpus: share of a GPU for each trial; 0 trains on the CPU.
        sampler: Optuna's; ``grid`` tries every combination of lists and whole numbers once.
        scheduler: ``asha`` stops the weaker trials early, ``median`` those that are below the
            median of what others had at their age, ``none`` none.
    """

    networks: tuple[Any, ...]
    recipe: Frozen
    budget: BudgetSpec | None = None
    trials: int | None = Field(default=16, ge=1, le=1_000_000)
    parallel: int = Field(default=2, ge=1, le=10_000)
    gpus: GpuShare = 0.0
    sampler: Sampler = "tpe"
    scheduler: Literal["asha", "median", "none"] = "asha"

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, given: Any) -> Any:
        bounded = isinstance(given, dict) and given.get("budget") is not None
        return {"trials": None} | given if bounded else given

    @field_validator("trials")
    @classmethod
    def _bounded(cls, trials: int | None, info: ValidationInfo) -> int | None:
        if trials is None and info.data.get("budget", ...) is None:
            raise ValueError("a number of trials where search.budget sets no bound")
        return trials

    @field_validator("networks")
    @classmethod
    def _distinct(cls, networks: tuple[Any, ...]) -> tuple[Any, ...]:
        kinds = [space.kind for space in networks]
        if not kinds or len(set(kinds)) < len(kinds):
            raise ValueError("at least one family, each named once")
        return networks

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.sampler == "grid":
            size = grid_size(self.networks, self.recipe)
            if self.trials is not None and self.trials > size:
                raise ValueError(f"trials up to {size}, the size of the grid, not {self.trials}")
        return self

    @property
    def most(self) -> int | None:
        """Trials at most; nothing where only time bounds them. A grid has an end of its own."""
        if self.trials is None and self.sampler == "grid":
            return grid_size(self.networks, self.recipe)
        return self.trials

    def told(self) -> str:
        """How far the search goes, in words: ``24 trials``, ``30 minutes``."""
        trials = () if self.trials is None else (f"{self.trials} trials",)
        bounds = trials + (() if self.budget is None else self.budget.told())
        *others, last = bounds
        return f"at most {', '.join(others)} or {last}" if others else last


def grid_size(networks: Sequence[Frozen], recipe: Frozen) -> int:
    """Points of a space without ranges of real numbers.

    Raises:
        ValueError: a dimension is such a range.
    """
    return prod(_values(recipe)) * sum(prod(_values(space)) for space in networks)


def _values(space: Frozen) -> Iterator[int]:
    """How many values each dimension has."""
    for field, dimension in dimensions(space).items():
        if not isinstance(dimension, Range):
            yield len(dimension) if isinstance(dimension, tuple) else 1
        elif isinstance(dimension.low, int) and isinstance(dimension.high, int):
            yield dimension.high - dimension.low + 1
        else:
            raise ValueError(f"a list of values for {field}, which the sampler 'grid' needs")
