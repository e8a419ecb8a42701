"""One trial: build what a point stands for, train it, report every epoch."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from ray import tune
from safetensors.torch import save_file

from search.space import initial_weights, realise
from secateur.data import Development
from secateur.models.pretrained import load_torchvision
from secateur.models.registry import build
from secateur.spec import JobSpec
from secateur.training.supervised import train

METRIC = "validation_accuracy"
WEIGHTS = "weights.safetensors"


def train_trial(config: dict[str, Any], *, spec: JobSpec, development: Development) -> None:
    """Train the network of ``config``; the weights of the last epoch are its checkpoint.

    Raises:
        StageError: the loss is not finite; Tune records the trial as failed.
    """
    # More threads than CPUs spin against each other; Ray gives a trial one CPU.
    torch.set_num_threads(1)
    architecture, recipe = realise(spec, config, development.train.shape, len(development.labels))
    torch.manual_seed(recipe.seed)
    network = build(architecture)
    weights = initial_weights(spec, architecture.name)
    if weights is not None:
        load_torchvision(network, weights)
    for metrics in train(network, development, recipe):
        if metrics.epoch < recipe.epochs:
            tune.report(metrics.model_dump())
            continue
        with TemporaryDirectory() as folder:
            save_file(network.state_dict(), Path(folder) / WEIGHTS)
            tune.report(metrics.model_dump(), checkpoint=tune.Checkpoint.from_directory(folder))
