"""A training of a generator, judged now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import ray
import torch
from ray import ObjectRefGenerator
from torch import Tensor, nn

from agents.resources import Need
from agents.streams import interleave
from agents.waiting import Waiting
from agents.watched import watched
from secateur.data import Dataset, Development
from secateur.judging.features import features_for
from secateur.judging.judge import Further, LikenessJudge, judge_of
from secateur.records import GenerativeMetrics, Likeness
from secateur.spec import LIMITS, GenerationSpec
from secateur.training.generative import sample

if TYPE_CHECKING:
    from secateur.judging.microstructures.measures import MicrostructureMeasures

FOLDER = "judge"
"""Where the features are kept, below a job's folder."""

SHOWN = 16
"""Images of the same noise that are kept at each judgement."""

Judged = tuple[tuple[GenerativeMetrics, ...], Likeness, Tensor]


def judgements(
    training: Iterator[GenerativeMetrics],
    generator: Callable[[], nn.Module],
    judge: LikenessJudge,
    seed: int,
    every: int,
) -> Iterator[Judged]:
    """Judge a training every few intervals and when it has ended.

    Args:
        training: goes on whenever it is asked.
        generator: what is judged at that moment.
        judge: of its images.
        seed: of their noise.
        every: intervals between two judgements.

    Yields:
        The metrics since the judgement before, the judgement, and some of the images, float
        (n, channels, height, width) in [-1, 1], always of the same noise.
    """
    stretch: list[GenerativeMetrics] = []
    for metrics in training:
        stretch.append(metrics)
        if metrics.last or len(stretch) == every:
            images = sample(generator(), judge.count, seed)
            yield tuple(stretch), judge(images), images[:SHOWN]
            stretch.clear()


def judge_for(
    spec: GenerationSpec,
    development: Development,
    folder: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> LikenessJudge:
    """The judge of a job, whose features are learned once and kept below its folder.

    Args:
        spec: the job.
        development: the test split has no part in it.
        folder: of the job.
        tell: takes a line for people when it waits for room, and when it goes on.

    Raises:
        StageError: it could not be made.
    """
    remote = ray.remote(num_cpus=1, num_returns="streaming", max_retries=2)(watched(_judge))

    def start(_: ExitStack) -> ObjectRefGenerator:
        return remote.remote(LIMITS, spec, development, folder / FOLDER)

    waits = Waiting("search", Need(), tell)
    ((_, judge),) = interleave([("search: the judge of images", start)], waits=waits)
    found: LikenessJudge = judge
    return found


def last_judge(
    spec: GenerationSpec, data: Dataset, folder: Path, measures: Further | None
) -> LikenessJudge:
    """The judge of a job's evaluation: it knows the images of the test split.

    Args:
        spec: the job.
        data: all of it.
        folder: of the job.
        measures: of this kind of data.
    """
    features = features_for(data.development, folder / FOLDER, spec.seed)
    return LikenessJudge(features, data.test.tensors()[0], spec.search.images, measures)


def further(spec: GenerationSpec, development: Development) -> MicrostructureMeasures | None:
    """Measures of the job's kind of data, where it has some of its own."""
    if spec.data.kind != "microstructures":
        return None
    from secateur.judging.microstructures.measures import measures_of

    return measures_of(development)


def _judge(spec: GenerationSpec, development: Development, folder: Path) -> Iterator[LikenessJudge]:
    torch.set_num_threads(1)
    measures = further(spec, development)
    yield judge_of(development, folder, spec.seed, spec.search.images, measures)
