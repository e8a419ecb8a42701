"""Which trials of a generative search are kept interval by interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from pydantic import TypeAdapter

from search.curves import BEST, STOPPED, evenly
from search.generation.choice import rank
from search.generation.trainable import LIKENESS, METRICS
from secateur.records import (
    GenerativeCurve,
    GenerativeMetrics,
    GenerativeTrial,
    JudgedStep,
    Likeness,
)

Rows = Iterable[Mapping[str, Any]]
"""What a trial reported, a row a judgement, see ``search.generation.trainable``."""

_Step = TypeVar("_Step", GenerativeMetrics, JudgedStep)
_STRETCH = TypeAdapter(tuple[GenerativeMetrics, ...])


def curves(
    trials: Sequence[GenerativeTrial], reported: Callable[[int], Rows]
) -> tuple[GenerativeCurve, ...]:
    """The curves of the best trials and of some that were stopped early.

    Those are the ``BEST`` ones that finished, best first, then ``STOPPED`` of the stopped
    ones, drawn evenly from the first to the last.

    Args:
        trials: of the search, in order.
        reported: gives what a trial reported, by its number.
    """
    finished = sorted((trial for trial in trials if trial.status == "finished"), key=rank)
    stopped = [trial for trial in trials if trial.status == "stopped"]
    kept = [*finished[:BEST], *evenly(stopped, STOPPED)]
    found = (curve(trial.number, reported(trial.number)) for trial in kept)
    return tuple(one for one in found if one.metrics)


def curve(trial: int, rows: Rows) -> GenerativeCurve:
    """One trial's; what it reported before it began anew with the search is left out."""
    metrics: list[GenerativeMetrics] = []
    judged: list[JudgedStep] = []
    for row in rows:
        stretch = _STRETCH.validate_json(row[METRICS])
        first, last = stretch[0].step, stretch[-1].step
        likeness = Likeness.model_validate_json(row[LIKENESS])
        metrics = [*_before(first, metrics), *stretch]
        judged = [*_before(first, judged), JudgedStep(step=last, likeness=likeness)]
    return GenerativeCurve(trial=trial, metrics=tuple(metrics), judged=tuple(judged))


def _before(step: int, earlier: Sequence[_Step]) -> Iterator[_Step]:
    return takewhile(lambda one: one.step < step, earlier)
