"""The fine-tuning stage: what was cut learns again, by the method of the spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import ray
import torch
from ray import ObjectRefGenerator

from agents.exploration import begin
from agents.resources import Need, device
from agents.streams import interleave
from agents.task import PruningTask
from agents.waiting import Waiting
from agents.watched import watched
from search.survivors import survivors
from secateur import artifacts
from secateur.records import Architecture, EpochMetrics, PruningResult
from secateur.spaces import FROM_SCRATCH, StartsFrom
from secateur.spec import LIMITS, LimitsSpec, RecoverySpec
from secateur.storage.task import TaskShelf
from secateur.training import recovery
from secateur.training.checkpoint import Checkpoint
from secateur.training.pruned import Pruned


@dataclass(frozen=True)
class FinetuneTask:
    """All that the fine-tunes of one network share; placed in the object store once.

    Attributes:
        spec: of the stage.
        architecture: of the dense network.
        pruning: holds the dense network, its data and its recipe, and cuts it.
        agents: folder of the agents, with what policies start from.
        start: what the dense network's training began with besides its seed.
    """

    spec: RecoverySpec
    architecture: Architecture
    pruning: PruningTask
    agents: Path
    start: StartsFrom = FROM_SCRATCH


def recover(task: FinetuneTask, pruned: PruningResult, folder: Path) -> Iterator[EpochMetrics]:
    """Cut, train by the method of the spec, and save into ``folder``.

    An attempt that was interrupted is gone on from, as long as it lies on this disk.
    """
    # One thread, as a trial has: rewinding repeats its training to the last bit.
    torch.set_num_threads(1)
    torch.manual_seed(task.pruning.recipe.seed)
    task = replace(task, pruning=task.pruning.placed(device()))
    shelf = TaskShelf(folder)
    shelf.begin()
    found, development = _cut(task, pruned), task.pruning.development
    kept = Checkpoint(training_file(folder))
    yield from recovery.recover(found, task.spec, kept)
    content = artifacts.describe(task.architecture, development, pruned.widths, pruned.target)
    artifacts.save(folder, found.network.cpu(), content)
    shelf.keep()


def _cut(task: FinetuneTask, pruned: PruningResult) -> Pruned:
    """The network of a policy, with all that a method of recovery may go back to."""
    pruning = task.pruning
    start = None if pruned.start is None else task.agents / pruned.start
    return Pruned(
        network=begin(pruning, start).cut(pruned.widths),
        dense=pruning.candidates.network,
        plan=pruning.candidates.plan,
        kept=survivors(pruning, start, pruned.widths),
        architecture=task.architecture,
        recipe=pruning.recipe,
        development=pruning.development,
        start=task.start,
    )


def run(
    task: FinetuneTask,
    pruned: tuple[PruningResult, ...],
    folder: Path,
    limits: LimitsSpec = LIMITS,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[float, EpochMetrics]]:
    """Let all pruned networks recover at the same time.

    Args:
        task: what they share.
        pruned: the policies.
        folder: of the job; models are saved under ``model_folder``.
        limits: of each recovery.
        tell: takes a line for people when all of them wait for room, and when they go on.

    Yields:
        (target, epoch), in the order in which they arrive; when it ends all are saved.

    Raises:
        StageError: a recovery failed.
    """
    shared, held = ray.put(task), {"num_cpus": 1, "num_gpus": task.spec.gpus}
    remote = ray.remote(num_returns="streaming", max_retries=2, **held)(watched(recover))

    def start(result: PruningResult, _: ExitStack) -> ObjectRefGenerator:
        own = folder / model_folder(result.target)
        return remote.remote(limits, shared, result, own)

    yield from interleave(
        ((result.target, partial(start, result)) for result in pruned),
        silence=limits.silence_seconds,
        called=lambda target: f"finetune: target {target:g}",
        waits=Waiting("finetune", Need(gpus=task.spec.gpus), tell),
    )
    for result in pruned:
        own = folder / model_folder(result.target)
        TaskShelf(own).fetch()
        training_file(own).unlink(missing_ok=True)


def training_file(model: Path) -> Path:
    """Where the training of a model is kept until all of its stage have ended.

    Args:
        model: the folder that it will be saved in.
    """
    return model.with_name(f"{model.name}.training")


def model_folder(target: float) -> str:
    """Where the network pruned for a target is saved, relative to the job's folder."""
    return f"models/flops-{target:g}"
