"""By what the generators of several jobs were judged, and whether their distances compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.reports.records import Records
from secateur.records import GenerativeEvaluation, Likeness


def compare(jobs: Sequence[Records]) -> bool:
    """Whether as many images were judged in all jobs: a distance falls with their number."""
    return len({(one.images, one.real) for one in _judged(jobs)}) <= 1


def reserves(jobs: Sequence[Records]) -> Iterator[str]:
    """What a reader of distances must know, a sentence each."""
    if not compare(jobs):
        yield (
            "Distances were taken of different numbers of images, and fall with them: differences "
            "between these jobs are not judged."
        )
    judges = sorted({one.judge for one in _judged(jobs)})
    if len(judges) > 1:
        yield (
            f"Distances were taken on features of several judges, {', '.join(judges)}, each of "
            "which learned from its own seed and split: what lies between them is in the spread."
        )


def _judged(jobs: Sequence[Records]) -> Iterator[Likeness]:
    """What was said of each dense generator on the test split."""
    for job in jobs:
        if isinstance(job.evaluation, GenerativeEvaluation):
            yield job.evaluation.dense.figures.likeness
