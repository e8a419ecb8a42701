"""Which networks and hyperparameters a job tries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from secateur.records import Augmentations
from secateur.spaces import (
    Frozen,
    LeNetSpace,
    MLPSpace,
    NetworkSpace,
    RecipeSpace,
    ResNetSpace,
)


class SearchSpec(Frozen):
    """Which networks and hyperparameters are tried, and how long.

    Attributes:
        networks: families to choose from; each brings its own dimensions.
        recipe: dimensions of training.
        trials: networks to train.
        epochs: epochs of a trial that is not stopped early.
        parallel: trials at once, each on one CPU.
        sampler: Optuna's sampler.
        scheduler: ``asha`` stops the weaker trials early, ``none`` none.
        augment: random changes to training images, in fine-tuning too: ``shift`` by up to
            an eighth of the sides, ``mirror`` left and right; true stands for ``shift``.
    """

    networks: tuple[NetworkSpace, ...] = (MLPSpace(), LeNetSpace(), ResNetSpace())
    recipe: RecipeSpace = RecipeSpace()
    trials: int = Field(default=16, ge=1)
    epochs: int = Field(default=12, ge=1)
    parallel: int = Field(default=2, ge=1)
    sampler: Literal["tpe", "random"] = "tpe"
    scheduler: Literal["asha", "none"] = "asha"
    augment: Augmentations = ()

    @field_validator("networks")
    @classmethod
    def _distinct(cls, networks: tuple[NetworkSpace, ...]) -> tuple[NetworkSpace, ...]:
        kinds = [space.kind for space in networks]
        if not kinds or len(set(kinds)) < len(kinds):
            raise ValueError("at least one family, each named once")
        return networks
