"""Training on what belongs to each input, for searching and fine-tuning alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import isfinite

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from secateur.compression.execution import Execution
from secateur.data.dataset import Development
from secateur.errors import StageError
from secateur.records import EpochMetrics, Recipe
from secateur.training import machine, optimizers, schedules
from secateur.training.augment import augment
from secateur.training.batches import Batches
from secateur.training.checkpoint import Checkpoint, TrainingState
from secateur.training.evaluation import device_of, score
from secateur.training.losses import Objective
from secateur.training.modes import learning, train_mode
from secateur.training.patience import Patience
from secateur.training.preprocess import Normalize, to_float
from secateur.training.schedules import Schedule


def train(
    network: nn.Module,
    development: Development,
    recipe: Recipe,
    *,
    objective: Objective | None = None,
    done: int = 0,
    generator: torch.Generator | None = None,
    checkpoint: Checkpoint | None = None,
) -> Iterator[EpochMetrics]:
    """Train ``network`` in place, an epoch each time the next metrics are asked for.

    The learning rate follows the recipe's schedule over all of its epochs. Whenever an
    epoch is handed out the network holds the weights that its validation figures are of,
    and is in evaluation mode; who has seen enough stops asking. With ``patience`` training
    may end early, and ends with the weights of its best epoch. The same recipe, data,
    initial weights, machine and number of threads give the same weights, whatever else
    draws random numbers meanwhile.

    Args:
        network: takes normalised images, returns the task's outputs; trained on its own
            device. Parameters that need no gradient stay as they are.
        development: images, the statistics to normalise them with, and the task.
        recipe: how to train; its loss and label smoothing are those of the default objective.
        objective: what to minimise; the recipe's loss where absent.
        done: epochs of the recipe that are over already: rates and numbers go on from there.
            The optimizer begins anew.
        generator: of order, augmentation and dropout, on the CPU; seeded by the recipe where
            absent. One that earlier epochs drew from lets their order go on.
        checkpoint: where the training is kept after each epoch. One that is there already is
            gone on from, to the very weights that come without an interruption; the epochs
            before it are told once more, at once.

    Yields:
        The mean objective over the epoch, and the score on the validation split.

    Raises:
        SpecError: an unknown optimizer, schedule or loss.
        StageError: a loss that is not finite; the network is then of no use.
    """
    run = _Run.begin(network, development, recipe, objective, generator)
    patience = Patience(network, recipe)
    facts = len(development.train), *development.mean, *development.std
    state = TrainingState(recipe, network, run.optimizer, run.generator, patience, facts)
    told = checkpoint.restore(state) if checkpoint else []
    yield from told
    if told and told[-1].last:
        return
    for epoch in range(done + len(told) + 1, recipe.epochs + 1):
        told.append(patience.after(_trained(run, development, epoch)))
        if checkpoint:
            checkpoint.keep(state, told)
        yield told[-1]
        if told[-1].last:
            return


@dataclass(frozen=True)
class _Run:
    """What stays the same from epoch to epoch."""

    network: nn.Module
    recipe: Recipe
    batches: Batches
    prepare: Callable[[Tensor], Tensor]
    objective: Objective
    optimizer: Optimizer
    schedule: Schedule
    execution: Execution
    generator: torch.Generator

    @classmethod
    def begin(
        cls,
        network: nn.Module,
        development: Development,
        recipe: Recipe,
        objective: Objective | None,
        generator: torch.Generator | None,
    ) -> _Run:
        device = device_of(network)
        size = min(recipe.batch_size, len(development.train))
        execution = machine.execution(network, (size, *development.input_shape), recipe.precision)
        execution.place(network)
        task = development.task
        generator = generator or torch.Generator().manual_seed(recipe.seed)
        normalize = Normalize(development.mean, development.std).to(device)
        change = partial(augment, names=recipe.augment, generator=generator)
        return cls(
            network=network,
            recipe=recipe,
            batches=Batches(development.train, recipe.batch_size, device),
            prepare=lambda pixels: execution.lay_out(normalize(to_float(change(pixels)))),
            objective=objective or task.objective(recipe.loss, recipe.label_smoothing),
            optimizer=optimizers.build(learning(network), recipe),
            schedule=schedules.named(recipe.schedule),
            execution=execution,
            generator=generator,
        )


def _trained(run: _Run, development: Development, epoch: int) -> EpochMetrics:
    """Train for one epoch and score the network, which is then in evaluation mode."""
    network, recipe = run.network, run.recipe
    train_mode(network)
    with _random_state(run.generator, device_of(network)):
        loss = _epoch(run, epoch)
    network.eval()
    _check(loss, "training", epoch, recipe)
    validation = score(
        network, development.validation, development.mean, development.std, development.task
    )
    _check(validation.loss, "validation", epoch, recipe)
    return EpochMetrics(
        epoch=epoch,
        train_loss=loss,
        validation_loss=validation.loss,
        validation_accuracy=validation.accuracy,
    )


def _epoch(run: _Run, epoch: int) -> float:
    """One pass over the training split; returns the mean objective."""
    steps, device = len(run.batches), device_of(run.network)
    total, count = torch.zeros((), device=device), 0
    for step, (pixels, labels) in enumerate(run.batches.shuffled(run.generator)):
        share = run.schedule((epoch - 1) * steps + step, run.recipe.epochs * steps)
        for group in run.optimizer.param_groups:
            group["lr"] = share * run.recipe.learning_rate
        images = run.prepare(pixels)
        with run.execution.precision(device):
            loss = run.objective(run.network(images).float(), images, labels)
        run.optimizer.zero_grad()
        torch.autograd.backward(loss)
        run.optimizer.step()
        # Left on the device: reading the value would wait for every step.
        total += loss.detach() * len(labels)
        count += len(labels)
    return total.item() / count


def _check(loss: float, split: str, epoch: int, recipe: Recipe) -> None:
    if not isfinite(loss):
        raise StageError(
            f"epoch {epoch}: {split} loss is {loss}; expected a finite loss, "
            f"try a learning rate below {recipe.learning_rate:g}"
        )


@contextmanager
def _random_state(generator: torch.Generator, device: torch.device) -> Iterator[None]:
    """Dropout draws from torch's global state: seed it inside, restore it afterwards."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
        yield
