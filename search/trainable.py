"""One trial: build what a point stands for, train it, report every epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from ray import tune
from safetensors.torch import save_file
from torch import nn

from agents.resources import device
from search.attempts import outputs
from search.space import realise, starts_from
from search.unfinished import TrialCheckpoint, unfinished
from secateur.compression.counter import count
from secateur.data import Development
from secateur.memory import bounded
from secateur.records import Recipe
from secateur.spec import JobSpec
from secateur.training import teacher
from secateur.training.beginning import begin
from secateur.training.losses import Objective
from secateur.training.recovery import objective
from secateur.training.supervised import train

METRIC = "validation_accuracy"
FLOPS = "flops"
WEIGHTS = "weights.safetensors"


def train_trial(
    config: dict[str, Any], *, spec: JobSpec, development: Development, folder: Path
) -> None:
    """Train the network of ``config``; the weights of the last epoch are its checkpoint.

    Every report holds the network's FLOPs too, which schedulers and samplers may go by.  One
    that was tried before goes on from what it kept in the job's ``folder``, and reports the
    epochs before that once more.

    Raises:
        StageError: the loss is not finite; Tune records the trial as failed.
        MemoryError: more than ``spec.limits`` allow; torch raises RuntimeError.
    """
    with bounded(spec.limits.memory_gb):
        _train(config, spec, development, folder)


def _train(config: dict[str, Any], spec: JobSpec, development: Development, folder: Path) -> None:
    # More threads than CPUs spin against each other; Ray gives a trial one CPU.
    torch.set_num_threads(1)
    architecture, recipe = realise(spec, config, development.input_shape, development.outputs)
    torch.manual_seed(recipe.seed)
    network = begin(architecture, starts_from(spec, architecture.name))
    cost = {FLOPS: count(network, architecture.input_shape).flops}
    network.to(device())
    taught = _taught(spec, development, recipe)
    with unfinished(folder, spec.limits.checkpoint_seconds) as place:
        kept = TrialCheckpoint.of(place)
        for metrics in train(network, development, recipe, objective=taught, checkpoint=kept):
            if metrics.last:
                _end(network, metrics.model_dump() | cost)
            else:
                tune.report(metrics.model_dump() | cost)


def _end(network: nn.Module, report: dict[str, Any]) -> None:
    """Report the last epoch, with the weights."""
    with outputs() as kept:
        # Training may have laid tensors out in another order of dimensions.
        weights = {name: value.contiguous() for name, value in network.state_dict().items()}
        save_file(weights, kept.folder / WEIGHTS)
        kept.report(report)


def _taught(spec: JobSpec, development: Development, recipe: Recipe) -> Objective | None:
    """What training minimises where the job names a teacher."""
    given = spec.search.teacher
    if given is None:
        return None
    master = teacher.load(given, development).to(device())
    return objective(development.task, master, given, recipe)
