"""Every picture of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from search.answers import Answers
from search.pictures import (
    channels,
    confusion,
    costs,
    curves,
    importance,
    mistakes,
    parallel,
    policies,
    rewards,
    spectra,
    tradeoff,
    trials,
    values,
)
from search.pictures.earned import Earned
from search.pictures.files import save
from search.pictures.picture import Picture
from search.pictures.points import Points
from search.pictures.sketch import Sketch
from secateur.records import Evaluation, PruningResult, SearchResult, score_name
from secateur.spec import JobSpec


def draw(
    spec: JobSpec,
    searched: SearchResult,
    pruned: Sequence[PruningResult],
    evaluation: Evaluation | None,
    folder: Path,
    answers: Answers | None = None,
) -> tuple[Picture, ...]:
    """Draw every picture of a job into ``folder``, or of the stages that it has done.

    Those of pruning need a pruned network, those of the dimensions enough trials, those of
    answers what the evaluation kept of them.

    Returns:
        What was drawn, in the order in which it is best looked at.
    """
    return save(partial(_sketches, spec, searched, pruned, evaluation, answers), folder)


def _sketches(
    spec: JobSpec,
    searched: SearchResult,
    pruned: Sequence[PruningResult],
    evaluation: Evaluation | None,
    answers: Answers | None,
) -> Iterator[Sketch | None]:
    """In their order."""
    score = score_name(spec.data.task)
    if evaluation is not None:
        yield from _evaluated(evaluation, answers, score, cut=bool(pruned))
    yield spectra.mean_spectra(spec.data)
    if pruned:
        assert spec.prune is not None, "agents played for what was asked"
        earned = Earned.by(spec.prune.reward, score)
        yield rewards.rewards(pruned, earned)
        yield policies.policies(pruned, earned)
        yield channels.channels(pruned)
    yield curves.curves(searched, score)
    yield trials.trials(searched, score)
    yield trials.costs(searched, score)
    points = Points.of(spec, searched)
    yield importance.importance(points, searched, score)
    yield parallel.parallel(points, score)


def _evaluated(
    evaluation: Evaluation, answers: Answers | None, score: str, *, cut: bool
) -> Iterator[Sketch | None]:
    """What the test split says; a comparison where anything was cut."""
    if cut:
        yield costs.dense_against_compressed(evaluation, score)
        yield tradeoff.tradeoff(evaluation, score)
    if answers is not None:
        yield confusion.confusion(evaluation, answers)
        yield mistakes.mistakes(evaluation, answers)
        yield values.values(evaluation, answers)
