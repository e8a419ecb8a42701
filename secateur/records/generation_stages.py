"""What the stages of a generative job leave, beside its policies and its evaluation."""

from __future__ import annotations

from typing import Literal

from secateur.records.base import Record, TimeBound
from secateur.records.generation import GenerativeTrial, Likeness
from secateur.records.generators import GenerativeCurve


class GenerativeSearchResult(Record):
    """All trials of a search for a generator and the artifact of the one that was chosen.

    Attributes:
        trials: in the order of the search.
        best: the chosen one: of those that finished, and where possible of those that have
            not collapsed, the one of the least distance.
        artifact: folder of its generator, relative to the job's.
        curves: of the best trials and of some that were stopped early, see
            ``search.generation.curves``.
        data_digest: SHA-256 of the training and validation images.
        stopped_by: what bounded the search: the number of its trials, or a budget in time.
    """

    trials: tuple[GenerativeTrial, ...]
    best: GenerativeTrial
    artifact: str
    curves: tuple[GenerativeCurve, ...] = ()
    data_digest: str = ""
    stopped_by: Literal["trials"] | TimeBound = "trials"

    def count(self, status: str) -> int:
        """Trials that ended with ``status``."""
        return sum(trial.status == status for trial in self.trials)

    @property
    def likeness(self) -> Likeness:
        """Of the chosen generator's images."""
        assert self.best.likeness is not None, "a trial that finished was judged"
        return self.best.likeness


class RecoveredGenerator(Record):
    """A pruned generator after its recovery.

    Attributes:
        target: share of FLOPs that was to be cut.
        artifact: its folder, relative to the job's.
        likeness: of its images to those that generators are chosen by.
        curve: how the recovery went.
    """

    target: float
    artifact: str
    likeness: Likeness
    curve: GenerativeCurve
