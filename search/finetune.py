"""The fine-tuning stage: what was cut learns again, from the dense network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ray
import torch

from agents.reward import Candidates
from agents.streams import interleave
from secateur import artifacts
from secateur.data import Development
from secateur.manifest import Manifest
from secateur.records import Architecture, EpochMetrics, PruningResult, Recipe
from secateur.spec import FinetuneSpec
from secateur.training.losses import Distillation
from secateur.training.supervised import train


@dataclass(frozen=True)
class FinetuneTask:
    """All that the fine-tunes of one network share; placed in the object store once.

    Attributes:
        spec: of the stage.
        architecture: of the dense network.
        recipe: that the dense network was trained with.
        candidates: holds the dense network and cuts it.
        development: training and validation split.
    """

    spec: FinetuneSpec
    architecture: Architecture
    recipe: Recipe
    candidates: Candidates
    development: Development


@ray.remote(num_cpus=1, max_retries=2)
def recover(task: FinetuneTask, pruned: PruningResult, folder: Path) -> Iterator[EpochMetrics]:
    """Cut, train with the dense network as teacher, and save into ``folder``."""
    torch.set_num_threads(1)
    torch.manual_seed(task.recipe.seed)
    network = task.candidates.cut(pruned.widths)
    recipe = task.recipe.model_copy(
        update={
            "epochs": task.spec.epochs,
            "learning_rate": task.recipe.learning_rate * task.spec.learning_rate_factor,
        }
    )
    objective = Distillation(task.candidates.network, task.spec.distillation, task.spec.temperature)
    yield from train(network, task.development, recipe, objective=objective)
    content = Manifest(
        architecture=task.architecture,
        widths=pruned.widths,
        labels=task.development.labels,
        mean=task.development.mean,
        std=task.development.std,
        target=pruned.target,
    )
    artifacts.save(folder, network, content)


def run(
    task: FinetuneTask, pruned: tuple[PruningResult, ...], folder: Path
) -> Iterator[tuple[float, EpochMetrics]]:
    """Fine-tune all pruned networks at the same time.

    Args:
        task: what they share.
        pruned: the policies.
        folder: of the job; models are saved under ``model_folder``.

    Yields:
        (target, epoch), in the order in which they arrive; when it ends all are saved.
    """
    shared = ray.put(task)
    yield from interleave(
        {
            recover.options(num_returns="streaming").remote(
                shared, result, folder / model_folder(result.target)
            ): result.target
            for result in pruned
        }
    )


def model_folder(target: float) -> str:
    """Where the network pruned for a target is saved, relative to the job's folder."""
    return f"models/flops-{target:g}"
