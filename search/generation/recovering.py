"""The recovery stage: what was cut out of a generator learns again, on Ray."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ray
import torch
from ray import ObjectRefGenerator
from torch import nn

from agents.exploration import begin
from agents.generation import GeneratorTask, Rehearsal
from agents.resources import Need, device
from agents.streams import interleave
from agents.waiting import Waiting
from agents.watched import watched
from search.cutting import AGENTS
from search.finetune import model_folder, training_file
from search.generation.going_on import keep, restore
from search.generation.judging import judgements
from search.generation.snapshots import Snapshots
from search.unfinished import Pace, Unfinished
from secateur.generators import save_generator
from secateur.records import Architecture, GenerativeCurve, JudgedStep, PruningResult
from secateur.spec import LIMITS, LimitsSpec
from secateur.storage.task import TaskShelf
from secateur.training.generative.recovery import recover


@dataclass(frozen=True)
class Recovery:
    """All that the recoveries of one generator share; placed in the object store once.

    Attributes:
        task: cuts the dense generator; its rehearsal holds the dense model and its data, the
            judge and the spec.
        architecture: of the dense generator.
        folder: of the job.
        every: intervals between two judgements.
        kept_every: seconds from one time that a recovery is kept to the next.
    """

    task: GeneratorTask
    architecture: Architecture
    folder: Path
    every: int
    kept_every: float = LIMITS.checkpoint_seconds


def run(
    work: Recovery,
    pruned: tuple[PruningResult, ...],
    limits: LimitsSpec = LIMITS,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[float, GenerativeCurve]]:
    """Let all pruned generators recover at the same time.

    Args:
        work: what they share.
        pruned: the policies.
        limits: of each recovery.
        tell: takes a line for people when all of them wait for room, and when they go on.

    Yields:
        (target, what was learned since the judgement before), in the order in which they
        arrive; when it ends all are saved.

    Raises:
        StageError: a recovery failed.
    """
    rehearsal = work.task.rehearsal
    assert rehearsal is not None
    shared, held = ray.put(work), {"num_cpus": 1, "num_gpus": rehearsal.spec.gpus}
    remote = ray.remote(num_returns="streaming", max_retries=2, **held)(watched(_recovered))

    def start(result: PruningResult, _: ExitStack) -> ObjectRefGenerator:
        return remote.remote(limits, shared, result)

    yield from interleave(
        ((result.target, partial(start, result)) for result in pruned),
        silence=limits.silence_seconds,
        called=lambda target: f"recover: target {target:g}",
        waits=Waiting("recover", Need(gpus=rehearsal.spec.gpus), tell),
    )
    for result in pruned:
        _shelf(work, result).fetch()
        training_file(work.folder / model_folder(result.target)).unlink(missing_ok=True)


def samples(folder: Path, target: float) -> Path:
    """File of what the generator pruned for a target made of the same noise, step by step."""
    return folder / f"samples-{target:g}.npz"


def joined(trial: int, pieces: Sequence[GenerativeCurve]) -> GenerativeCurve:
    """The pieces of one curve, in their order, as that of what became of a trial."""
    return GenerativeCurve(
        trial=trial,
        metrics=tuple(metrics for piece in pieces for metrics in piece.metrics),
        judged=tuple(judged for piece in pieces for judged in piece.judged),
    )


def _recovered(work: Recovery, pruned: PruningResult) -> Iterator[GenerativeCurve]:
    """Cut, train, judge now and then, and save.

    An attempt that was interrupted is gone on from, as long as it lies on this disk.
    """
    torch.set_num_threads(1)
    task, agents = work.task.placed(device()), work.folder / AGENTS
    start = None if pruned.start is None else agents / pruned.start
    shelf = _shelf(work, pruned)
    shelf.begin()
    network = begin(task, start).cut(pruned.widths)
    model = work.folder / model_folder(pruned.target)
    place = Unfinished(training_file(model), Pace(work.kept_every))
    shots = yield from _trained(work, task.rehearsal, network, place)
    shots.save(samples(work.folder, pruned.target))
    save_generator(model, network.cpu(), work.architecture, pruned.widths, pruned.target)
    shelf.keep()


def _trained(
    work: Recovery, rehearsal: Rehearsal | None, network: nn.Module, place: Unfinished
) -> Generator[GenerativeCurve, None, Snapshots]:
    """Train ``network`` in place; what an earlier attempt learned is told once more."""
    assert rehearsal is not None
    training = recover(network, rehearsal.model, rehearsal.pixels, rehearsal.recipe, rehearsal.spec)
    judged = restore(place, training)
    for report in judged.reports:
        yield GenerativeCurve.model_validate(report)
    for stretch, likeness, images in judgements(
        training, lambda: network, rehearsal.judge, rehearsal.seed, work.every
    ):
        step = stretch[-1].step
        piece = GenerativeCurve(
            trial=0, metrics=stretch, judged=(JudgedStep(step=step, likeness=likeness),)
        )
        judged = judged.and_then(piece.model_dump(mode="json"), step, images)
        if stretch[-1].last or place.pace.due:
            keep(place, training, judged)
        yield piece
    return judged.shots


def _shelf(work: Recovery, pruned: PruningResult) -> TaskShelf:
    """What one recovery leaves."""
    shown = samples(work.folder, pruned.target).name
    return TaskShelf(work.folder, f"{model_folder(pruned.target)}/*", shown)
