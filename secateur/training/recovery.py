"""How a pruned network learns again: briefly, gently, from the network it was cut from."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from secateur.data.dataset import Development
from secateur.records import EpochMetrics, Recipe
from secateur.spec.finetune import FinetuneSpec
from secateur.training.losses import Distillation
from secateur.training.supervised import train


def finetune(
    network: nn.Module, teacher: nn.Module, development: Development, recipe: Recipe,
    spec: FinetuneSpec,
) -> Iterator[EpochMetrics]:  # fmt: skip
    """Train a pruned network in place with the dense one as its teacher.

    Args:
        network: that was cut.
        teacher: the dense network, on the same device.
        development: training and validation split.
        recipe: that the dense network was trained with; its learning rate and epochs give
            way to the spec's.
        spec: of the fine-tune.

    Yields:
        Metrics, an epoch each time that they are asked for; raises as ``train`` does.
    """
    shorter = recipe.model_copy(
        update={
            "epochs": spec.epochs,
            "learning_rate": recipe.learning_rate * spec.learning_rate_factor,
        }
    )
    objective = Distillation(teacher, spec.distillation, spec.temperature)
    yield from train(network, development, shorter, objective=objective)
