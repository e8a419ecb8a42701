"""The fine-tuning stage: what was cut learns again, from the dense network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ray
import torch

from agents.exploration import begin
from agents.streams import interleave
from agents.task import PruningTask
from secateur import artifacts
from secateur.manifest import Manifest
from secateur.records import Architecture, EpochMetrics, PruningResult
from secateur.spec import FinetuneSpec
from secateur.training.recovery import finetune


@dataclass(frozen=True)
class FinetuneTask:
    """All that the fine-tunes of one network share; placed in the object store once.

    Attributes:
        spec: of the stage.
        architecture: of the dense network.
        pruning: holds the dense network, its data and its recipe, and cuts it.
        agents: folder of the agents, with what policies start from.
    """

    spec: FinetuneSpec
    architecture: Architecture
    pruning: PruningTask
    agents: Path


@ray.remote(num_cpus=1, max_retries=2)
def recover(task: FinetuneTask, pruned: PruningResult, folder: Path) -> Iterator[EpochMetrics]:
    """Cut, train with the dense network as teacher, and save into ``folder``."""
    torch.set_num_threads(1)
    pruning, development = task.pruning, task.pruning.development
    torch.manual_seed(pruning.recipe.seed)
    start = None if pruned.start is None else task.agents / pruned.start
    network, dense = begin(pruning, start).cut(pruned.widths), pruning.candidates.network
    yield from finetune(network, dense, development, pruning.recipe, task.spec)
    content = Manifest(
        architecture=task.architecture,
        widths=pruned.widths,
        labels=development.labels,
        mean=development.mean,
        std=development.std,
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
