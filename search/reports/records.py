"""Everything that a job's folder knows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from search.ledger import Ledger
from search.pictures.picture import Picture
from secateur.records import (
    Account,
    DataUsed,
    Evaluation,
    FinetuneResult,
    GenerativeEvaluation,
    Provenance,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import AnySpec, JobSpec

PICTURES = "pictures"
"""The record of what was drawn, and the folder of its files."""


class Records(ABC):
    """What the records of jobs of all kinds share; subclasses hold the fields."""

    folder: Path
    spec: AnySpec
    pruned: tuple[PruningResult, ...] | None
    evaluation: Evaluation | GenerativeEvaluation | None
    publication: Publication | None
    data: DataUsed | None
    provenance: Provenance | None

    @property
    @abstractmethod
    def by_stage(self) -> Mapping[str, object]:
        """The record of every stage that a job of this kind may have."""

    @property
    def data_name(self) -> str:
        """Of the data set, or at least its kind."""
        return self.spec.data.kind if self.data is None else self.data.name

    @property
    def missing(self) -> tuple[str, ...]:
        """The stages that are not done yet, in their order."""
        return tuple(stage for stage in self.spec.stages if self.by_stage[stage] is None)


@dataclass(frozen=True)
class JobRecords(Records):
    """What the stages of a job left; that of a stage which is not done yet is absent."""

    folder: Path
    spec: JobSpec
    searched: SearchResult | None
    pruned: tuple[PruningResult, ...] | None
    tuned: tuple[FinetuneResult, ...] | None
    evaluation: Evaluation | None
    publication: Publication | None
    pictures: tuple[Picture, ...] | None
    data: DataUsed | None = None
    provenance: Provenance | None = None
    account: Account | None = None

    @classmethod
    def read(cls, ledger: Ledger) -> JobRecords:
        """All records of a job.

        Raises:
            JobConflictError: there is no such job, or a record is not one of this version's.
        """
        pictures = ledger.read(PICTURES, tuple[Picture, ...])
        return cls(
            folder=ledger.folder,
            spec=ledger.spec_of(JobSpec),
            searched=ledger.read("search", SearchResult),
            pruned=ledger.read("prune", tuple[PruningResult, ...]),
            tuned=ledger.read("finetune", tuple[FinetuneResult, ...]),
            evaluation=ledger.read("evaluate", Evaluation),
            publication=ledger.read("publish", Publication),
            pictures=None if pictures is None else there(pictures, ledger.folder),
            data=ledger.read("data", DataUsed),
            provenance=ledger.read("provenance", Provenance),
            account=ledger.read("account", Account),
        )

    @property
    def by_stage(self) -> Mapping[str, object]:
        """As ``Records``."""
        return {
            "search": self.searched,
            "prune": self.pruned,
            "finetune": self.tuned,
            "evaluate": self.evaluation,
            "publish": self.publication,
        }


def there(pictures: tuple[Picture, ...], folder: Path) -> tuple[Picture, ...]:
    """Those whose files have not been taken away."""
    placed = (replace(picture, file=folder / picture.file) for picture in pictures)
    return tuple(picture for picture in placed if picture.file.is_file())
