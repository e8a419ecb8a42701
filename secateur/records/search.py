"""What a search did."""

from __future__ import annotations

from typing import Literal

from secateur.records.base import Record, TimeBound
from secateur.records.networks import Architecture, Recipe


class TrialRecord(Record):
    """One trial of a search.

    Attributes:
        number: position in the search, from 0.
        architecture: the network that was trained.
        recipe: how it was trained.
        accuracy: best on the validation split, of a regression R²; absent where the trial
            failed.
        epochs: epochs that were run.
        status: ``finished`` ran its full budget; ``stopped`` was ended early by the
            scheduler; ``failed`` raised or returned a value that is not finite.
        flops: of the network, for one image; absent where the trial failed at once.
    """

    number: int
    architecture: Architecture
    recipe: Recipe
    accuracy: float | None
    epochs: int
    status: Literal["finished", "stopped", "failed"]
    flops: int | None = None


class TrialCurve(Record):
    """How a trial went, epoch by epoch from the first, to five digits.

    Attributes:
        trial: its number.
        scores: on the validation split: accuracy, or R² of a regression.
        losses: on the validation split, by the task's own loss.
    """

    trial: int
    scores: tuple[float, ...]
    losses: tuple[float, ...]


class SearchResult(Record):
    """All trials of a search and the artifact of the finished one that was chosen.

    Attributes:
        trials: in the order of the search.
        best: the chosen one.
        artifact: folder of its network, relative to the job's.
        front: numbers of the finished trials that no other beats in both accuracy, or R², and
            FLOPs, fewest FLOPs first.
        data_digest: SHA-256 of the training and validation images and labels, which tells
            whether accuracies of two searches can be compared.
        curves: of the best trials and of some that were stopped early, see
            ``search.curves``; none in an older record.
        stopped_by: what bounded the search: the number of its trials, or a budget in time.
    """

    trials: tuple[TrialRecord, ...]
    best: TrialRecord
    artifact: str
    front: tuple[int, ...] = ()
    data_digest: str = ""
    curves: tuple[TrialCurve, ...] = ()
    stopped_by: Literal["trials"] | TimeBound = "trials"

    def count(self, status: str) -> int:
        """Trials that ended with ``status``."""
        return sum(trial.status == status for trial in self.trials)
