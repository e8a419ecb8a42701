"""Which trials of a search are kept epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from math import isfinite
from typing import Any, TypeVar

import numpy as np

from secateur.records import TrialCurve, TrialRecord

BEST = 10
STOPPED = 20
"""Of a search of any length no more are kept, so that its record stays small."""

Rows = Iterable[Mapping[str, Any]]
"""What a trial reported, a row an epoch; the fields are those of ``EpochMetrics``."""

_T = TypeVar("_T")


def curves(
    trials: Sequence[TrialRecord], best: TrialRecord, reported: Callable[[int], Rows]
) -> tuple[TrialCurve, ...]:
    """The curves of the best trials and of some that were stopped early.

    Those are the chosen one and the ``BEST`` most accurate that finished, best first, then
    ``STOPPED`` of the stopped ones, drawn evenly from the first to the last.

    Args:
        trials: of the search, in order.
        best: the chosen one.
        reported: gives what a trial reported, by its number.
    """
    finished = sorted(
        (trial for trial in trials if trial.status == "finished" and trial != best),
        key=lambda trial: (-(trial.accuracy or 0.0), trial.number),
    )
    stopped = [trial for trial in trials if trial.status == "stopped"]
    kept = [best, *finished[: BEST - 1], *evenly(stopped, STOPPED)]
    found = (_curve(trial, reported(trial.number)) for trial in kept)
    return tuple(curve for curve in found if curve.scores)


def evenly(trials: Sequence[_T], most: int) -> list[_T]:
    """At most so many of them, from the first to the last."""
    places = np.linspace(0, len(trials) - 1, min(most, len(trials)), dtype=np.int64)
    return [trials[place] for place in places]


def _curve(trial: TrialRecord, rows: Rows) -> TrialCurve:
    # A trial that was begun anew with an interrupted search has reported some epochs twice.
    by_epoch = {int(row["epoch"]): row for row in rows}
    epochs = range(1, trial.epochs + 1)
    pairs = [
        (row["validation_accuracy"], row["validation_loss"])
        for row in (by_epoch[epoch] for epoch in takewhile(by_epoch.__contains__, epochs))
    ]
    whole = list(takewhile(lambda pair: all(map(isfinite, pair)), pairs))
    scores, losses = (tuple(_rounded(pair[place]) for pair in whole) for place in (0, 1))
    return TrialCurve(trial=trial.number, scores=scores, losses=losses)


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
