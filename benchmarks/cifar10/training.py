"""The stage that trains the dense network."""

from __future__ import annotations

import torch

from benchmarks.cifar10.case import Case
from benchmarks.cifar10.clock import Clock
from secateur import artifacts
from secateur.models.registry import build
from secateur.training.checkpoint import Checkpoint
from secateur.training.supervised import train

STAGE = "train"


def play(case: Case, clock: Clock) -> None:
    """Train, going on from the last epoch that is kept, and save.

    Raises:
        ChunkOverError: there are epochs to come.
    """
    recipe, found = case.recipe, case.dataset
    torch.manual_seed(recipe.seed)
    network = build(case.architecture, recipe.seed).to(case.device)
    kept = Checkpoint(case.folder / "dense.training")
    history = []
    for metrics in train(network, found.development, recipe, checkpoint=kept):
        history.append(metrics)
        if not metrics.last:
            told = f"epoch {metrics.epoch} validation {metrics.validation_accuracy:.4f}"
            print(f"{case.name}: {told} after {clock.seconds:.0f} s", flush=True)
            clock.tick()
    content = artifacts.describe(case.architecture, found.development)
    artifacts.save(case.folder / "dense", network.cpu(), content)
    case.publish(
        STAGE,
        clock,
        {
            **case.measures(case.dense),
            "validation": [round(metrics.validation_accuracy, 5) for metrics in history],
            "recipe": recipe.model_dump(mode="json"),
        },
    )
    kept.path.unlink()
