"""What a search may vary in training."""

from __future__ import annotations

from typing import Annotated

from secateur.records import TaskKind
from secateur.spaces.dimensions import Dimension, Frozen, Range, integers, names, reals

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
SCHEDULES = ("one-cycle", "constant", "step", "cosine", "exponential")
LOSSES: dict[TaskKind, tuple[str, ...]] = {
    "classification": ("auto", "cross-entropy", "nll", "bce", "mse", "mae", "rmse"),
    "generation": ("auto", "mse", "mae", "rmse"),
    "regression": ("auto", "mse", "mae", "rmse"),
}
"""What a recipe may minimise, by task; ``auto`` is the task's own."""
PRECISIONS = ("auto", "float32", "bfloat16")


class RecipeSpace(Frozen):
    """Hyperparameters of training that a search may vary.

    Attributes:
        optimizer: one of ``OPTIMIZERS``.
        learning_rate: greatest rate of the schedule.
        schedule: of the learning rate, one of ``SCHEDULES``.
        loss: one of the task's ``LOSSES``.
        weight_decay: L2 coefficient.
        batch_size: images a step.
        label_smoothing: share of the target mass spread over all classes.
        patience: epochs without a better validation score after which a training ends with
            the weights of its best epoch; 0 trains to the end and keeps the last.
        precision: of training; ``auto`` is the faster on this machine.
    """

    optimizer: Annotated[Dimension, names(*OPTIMIZERS)] = ("adam", "momentum")
    learning_rate: Annotated[Dimension, reals(1e-7, 10)] = Range(low=1e-4, high=1e-1, log=True)
    schedule: Annotated[Dimension, names(*SCHEDULES)] = "one-cycle"
    loss: Annotated[Dimension, names(*LOSSES["classification"])] = "auto"
    weight_decay: Annotated[Dimension, reals(0, 1)] = Range(low=1e-6, high=1e-2, log=True)
    batch_size: Annotated[Dimension, integers(1, 65536)] = (32, 64)
    label_smoothing: Annotated[Dimension, reals(0, 0.9)] = 0.0
    patience: Annotated[Dimension, integers(0, 10_000)] = 0
    precision: Annotated[Dimension, names(*PRECISIONS)] = "auto"
