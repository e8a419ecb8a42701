"""Which networks and hyperparameters a job tries."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from secateur.records import Augmentations
from secateur.spaces import (
    LeNetSpace,
    MLPSpace,
    NetworkSpace,
    RecipeSpace,
    ResNetSpace,
)
from secateur.spec.common import JobName
from secateur.spec.exploration import ExplorationSpec
from secateur.spec.teacher import TeacherSpec


class SearchSpec(ExplorationSpec):
    """Which networks and hyperparameters are tried, and how long.

    Attributes:
        networks: families to choose from; each brings its own dimensions.
        recipe: dimensions of training.
        budget: bounds in time; the one of these and of ``trials`` that is reached first counts.
        trials: networks to train; where it is left out, 16, or any number with a budget.
        parallel: trials at once, each on one CPU.
        gpus: share of a GPU for each trial; 0 trains on the CPU.
        sampler: Optuna's; ``grid`` tries every combination of lists and whole numbers once,
            ``nsga2`` looks for networks that are accurate at few FLOPs (Deb et al. 2002).
        scheduler: ``asha`` stops the weaker trials early, ``median`` those that are below the
            median of what others had at their age, ``none`` none. It compares accuracies
            alone, also for ``nsga2``.
        epochs: epochs of a trial that is not stopped early.
        min_accuracy: least validation accuracy of a network on the front of accuracy against
            FLOPs; ``nsga2`` breeds from none below it.
        max_accuracy_drop: most validation accuracy that the winner may lack against the most
            accurate network, to have fewer FLOPs.
        warm_start: name of an earlier job beside this one; the sampler knows what its trials
            reached, and the best of them are tried first.
        teacher: a saved network that all trials learn from beside the labels.
        augment: random changes to training images, in fine-tuning too: ``shift`` by up to
            an eighth of the sides, ``mirror`` left and right; true stands for ``shift``.
    """

    networks: tuple[NetworkSpace, ...] = (MLPSpace(), LeNetSpace(), ResNetSpace())
    recipe: RecipeSpace = RecipeSpace()
    epochs: int = Field(default=12, ge=1, le=100_000)
    min_accuracy: float = Field(default=0.0, ge=0, le=1)
    max_accuracy_drop: float = Field(default=0.0, ge=0, le=1)
    warm_start: JobName | None = None
    teacher: TeacherSpec | None = None
    augment: Augmentations = ()

    @model_validator(mode="after")
    def _fresh_grid(self) -> Self:
        if self.sampler == "grid" and self.warm_start is not None:
            raise ValueError("no warm_start with the sampler 'grid', which tries all points")
        return self
