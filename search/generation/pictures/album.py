"""Every picture of a generative job."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from search.generation.pictures import costs, curves, samples, signals, trials
from search.generation.pictures.tiles import Pixels
from search.generation.records import GenerationRecords
from search.generation.results import models, names
from search.generation.snapshots import Snapshots, to_pixels
from search.pictures import channels, policies, rewards
from search.pictures.earned import Earned
from search.pictures.files import save
from search.pictures.picture import Picture
from search.pictures.sketch import Sketch
from search.reports.figures import target_name
from secateur.records import GenerativeEvaluation, GenerativeSearchResult
from serving.generator import Generator

SAMPLES = "samples.npz"
"""Snapshots of the winner's training, in a job's folder."""

CLOSENESS = "closeness"
"""What agents are rewarded with: how like the dense generator's images those of a cut one are."""

IMAGES = 36
SEED = 0
"""Of the images that generators are shown side by side by."""


def draw(job: GenerationRecords, folder: Path) -> tuple[Picture, ...]:
    """Draw every picture of a job into ``folder``, or of the stages that it has done.

    Returns:
        What was drawn, in the order in which it is best looked at.

    Raises:
        ArtifactError: samples or a saved generator are damaged.
    """
    return save(partial(_sketches, job), folder)


def _sketches(job: GenerationRecords) -> Iterator[Sketch | None]:
    """In their order."""
    searched, evaluation = job.searched, job.evaluation
    if evaluation is not None and evaluation.compressed:
        images = made(evaluation, job.folder)
        yield samples.side_by_side(images) or signals.side_by_side(images)
        yield costs.dense_against_compressed(evaluation)
    snapshots = Snapshots.read(job.folder / SAMPLES)
    if snapshots is not None:
        yield samples.by_step(snapshots) or signals.by_step(snapshots)
    if searched is not None:
        yield from _searched(searched, evaluation)
    if job.pruned:
        assert job.spec.prune is not None, "agents played for what was asked"
        earned = Earned.by(job.spec.prune.reward, CLOSENESS)
        yield rewards.rewards(job.pruned, earned)
        yield policies.policies(job.pruned, earned)
        yield channels.channels(job.pruned)
    if job.recovered and searched is not None:
        targets = [target_name(one.target) for one in job.recovered]
        yield curves.recovery(job.recovered, searched.likeness, targets)


def _searched(
    searched: GenerativeSearchResult, evaluation: GenerativeEvaluation | None
) -> Iterator[Sketch | None]:
    """What the search left."""
    best = searched.best.number
    yield trials.trials(searched)
    yield trials.tradeoff(searched, evaluation)
    yield curves.likeness(searched.curves, best)
    for curve in searched.curves:
        if curve.trial == best:
            yield curves.losses(curve)


def made(evaluation: GenerativeEvaluation, folder: Path) -> dict[str, Pixels]:
    """What each evaluated generator makes of the same noise, by its name, through its graph.

    Args:
        evaluation: the generators.
        folder: of the job.

    Raises:
        ArtifactError: a saved generator is damaged.
    """
    images = {}
    for name, model in zip(names(evaluation), models(evaluation), strict=True):
        generator = Generator.load(folder / model.artifact)
        images[name] = to_pixels(2 * generator.run(generator.noise(IMAGES, SEED)) - 1)
    return images
