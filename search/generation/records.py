"""Everything that the folder of a generative job knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from search.ledger import Ledger
from search.pictures.picture import Picture
from search.reports.records import PICTURES, Records, there
from secateur.records import (
    Account,
    DataUsed,
    GenerativeEvaluation,
    GenerativeSearchResult,
    Provenance,
    PruningResult,
    Publication,
    RecoveredGenerator,
)
from secateur.spec import GenerationSpec


@dataclass(frozen=True)
class GenerationRecords(Records):
    """What the stages of a job left; that of a stage which is not done yet is absent."""

    folder: Path
    spec: GenerationSpec
    searched: GenerativeSearchResult | None
    pruned: tuple[PruningResult, ...] | None
    recovered: tuple[RecoveredGenerator, ...] | None
    evaluation: GenerativeEvaluation | None
    publication: Publication | None
    pictures: tuple[Picture, ...] | None
    data: DataUsed | None = None
    provenance: Provenance | None = None
    account: Account | None = None

    @classmethod
    def read(cls, ledger: Ledger) -> GenerationRecords:
        """All records of a job.

        Raises:
            JobConflictError: there is no such job, it is none of a generator, or a record is
                not one of this version's.
        """
        pictures = ledger.read(PICTURES, tuple[Picture, ...])
        return cls(
            folder=ledger.folder,
            spec=ledger.spec_of(GenerationSpec),
            searched=ledger.read("search", GenerativeSearchResult),
            pruned=ledger.read("prune", tuple[PruningResult, ...]),
            recovered=ledger.read("recover", tuple[RecoveredGenerator, ...]),
            evaluation=ledger.read("evaluate", GenerativeEvaluation),
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
            "recover": self.recovered,
            "evaluate": self.evaluation,
            "publish": self.publication,
        }
