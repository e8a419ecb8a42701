"""How a pruned network learns again: from which weights, at which rates, with which teacher.

A method says where training begins; what is minimised is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch import nn

from secateur.data.dataset import Development
from secateur.records import EpochMetrics, Recipe
from secateur.spec.finetune import FinetuneSpec, RecoverySpec
from secateur.spec.teacher import TeacherSpec
from secateur.tasks import Task
from secateur.training.checkpoint import Checkpoint
from secateur.training.losses import Objective
from secateur.training.pruned import Outset, Pruned
from secateur.training.reinitialisation import reinitialise
from secateur.training.rewinding import rewind
from secateur.training.supervised import train

Method = Callable[[Pruned, Any], Outset]
"""Gives a pruned network the weights to begin with, in place; takes the method's spec."""


def recover(
    pruned: Pruned, spec: RecoverySpec, checkpoint: Checkpoint | None = None
) -> Iterator[EpochMetrics]:
    """Train a pruned network in place, by the method that a spec names.

    Args:
        pruned: the network and where it comes from.
        spec: the method and its settings.
        checkpoint: where the training is kept, and gone on from, see ``train``.

    Yields:
        Metrics, an epoch each time that they are asked for, numbered as in the recipe that
        is followed: rewinding begins after the epochs that it keeps. Raises as ``train`` does.
    """
    outset = METHODS[spec.method](pruned, spec)
    yield from _learn(pruned.network, pruned.dense, pruned.development, outset, spec, checkpoint)


def finetune(
    network: nn.Module, teacher: nn.Module, development: Development, recipe: Recipe,
    spec: FinetuneSpec, checkpoint: Checkpoint | None = None,
) -> Iterator[EpochMetrics]:  # fmt: skip
    """Train a pruned network in place with the dense one as its teacher.

    Args:
        network: that was cut.
        teacher: the dense network, on the same device.
        development: training and validation split.
        recipe: that the dense network was trained with; its learning rate and epochs give
            way to the spec's.
        spec: of the fine-tune.
        checkpoint: where the training is kept, and gone on from, see ``train``.

    Yields:
        Metrics, an epoch each time that they are asked for; raises as ``train`` does.
    """
    outset = _gentler(recipe, spec)
    yield from _learn(network, teacher, development, outset, spec, checkpoint)


def objective(
    task: Task, teacher: nn.Module, spec: RecoverySpec | TeacherSpec, recipe: Recipe
) -> Objective:
    """What is minimised: the recipe's loss, and the teacher's answers where they weigh.

    Args:
        task: of the networks.
        teacher: takes the images that the student takes, as the dense network does.
        spec: says how much the teacher weighs.
        recipe: names the loss and its label smoothing.
    """
    hard = task.objective(recipe.loss, recipe.label_smoothing)
    if not spec.distillation:
        # The teacher's forward passes would be thrown away.
        return hard
    return task.imitation(teacher, spec.distillation, spec.temperature, hard)


def _gentler(recipe: Recipe, spec: FinetuneSpec) -> Outset:
    """Few epochs at a lower rate; hard labels, since these weights have learned before."""
    rate = recipe.learning_rate * spec.learning_rate_factor
    changes = {"epochs": spec.epochs, "learning_rate": rate, "label_smoothing": 0.0}
    return Outset(recipe.model_copy(update=changes))


METHODS: dict[str, Method] = {
    "finetune": lambda pruned, spec: _gentler(pruned.recipe, spec),
    "rewind": rewind,
    "reinitialise": reinitialise,
}


def _learn(
    network: nn.Module, teacher: nn.Module, development: Development, outset: Outset,
    spec: RecoverySpec, checkpoint: Checkpoint | None = None,
) -> Iterator[EpochMetrics]:  # fmt: skip
    yield from train(
        network,
        development,
        outset.recipe,
        objective=objective(development.task, teacher, spec, outset.recipe),
        done=outset.done,
        generator=outset.generator,
        checkpoint=checkpoint,
    )
