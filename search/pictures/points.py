"""Trials as points of the space that was searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from optuna.trial import FrozenTrial

from search.history import observed
from search.pictures.look import fence
from search.pictures.trials import scores
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec

MOST = 300
"""Trials that are looked at; more take long and show no more."""


@dataclass(frozen=True)
class Points:
    """Trials that reached a score, with what was chosen for each.

    Attributes:
        pairs: a trial, and how Optuna has it: failures have the score of the fence.
        drawn: a phrase that says so where not all trials are among them, or nothing.
    """

    pairs: tuple[tuple[TrialRecord, FrozenTrial], ...]
    drawn: str

    @classmethod
    def of(cls, spec: JobSpec, searched: SearchResult) -> Points:
        """All points of a search, or ``MOST`` drawn evenly and the best."""
        reached = [trial for trial in searched.trials if trial.accuracy is not None]
        least = fence(scores(reached)) / 100 if reached else 0.0
        places = np.linspace(0, len(reached) - 1, min(MOST, len(reached)), dtype=np.int64)
        chosen = {reached[place].number: reached[place] for place in places}
        chosen[searched.best.number] = searched.best
        found = (
            (trial, observed(spec, trial, [max(least, trial.accuracy or 0)]))
            for _, trial in sorted(chosen.items())
        )
        return cls(
            pairs=tuple((trial, point) for trial, point in found if point is not None),
            drawn=f"{MOST} of {len(reached)} trials" if len(reached) > MOST else "",
        )
