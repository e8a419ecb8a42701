"""What a search may vary in training."""

from __future__ import annotations

from typing import Annotated

from secateur.spaces.dimensions import Dimension, Frozen, Range, integers, names, reals

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")


class RecipeSpace(Frozen):
    """Hyperparameters of training that a search may vary."""

    optimizer: Annotated[Dimension, names(*OPTIMIZERS)] = ("adam", "momentum")
    learning_rate: Annotated[Dimension, reals(1e-7, 10)] = Range(low=1e-4, high=1e-1, log=True)
    weight_decay: Annotated[Dimension, reals(0, 1)] = Range(low=1e-6, high=1e-2, log=True)
    batch_size: Annotated[Dimension, integers(1, 65536)] = (32, 64)
    label_smoothing: Annotated[Dimension, reals(0, 0.9)] = 0.0
