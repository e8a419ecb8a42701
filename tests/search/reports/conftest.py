"""Folders of jobs that never ran."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.ledger import Ledger
from secateur.records import (
    DataUsed,
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import JobSpec, parse
from tests.search.made import written

Record = Callable[..., Ledger]


@pytest.fixture
def record(tmp_path: Path, spec: JobSpec) -> Record:
    """Write the folder of a job from the records of its stages."""

    def write(spec: JobSpec = spec, folder: str = "", **stages: Any) -> Ledger:
        kinds = {
            "search": SearchResult,
            "prune": tuple[PruningResult, ...],
            "finetune": tuple[FinetuneResult, ...],
            "evaluate": Evaluation,
            "publish": Publication,
            "data": DataUsed,
        }
        return written(tmp_path / (folder or spec.name), spec, kinds, stages)

    return write


@pytest.fixture
def measured(record: Record, evaluation: Evaluation) -> Record:
    """Write the folder of a job whose chosen network reaches ``accuracy``, by agents of a kind."""

    def write(
        name: str, accuracy: float, seed: int = 0, agent: str = "ddpg", **more: Any
    ) -> Ledger:
        content = {"name": name, "seed": seed, "data": {"kind": "digits"}}
        champion = evaluation.champion
        figures = champion.figures.model_copy(update={"accuracy": accuracy})
        models = (champion.model_copy(update={"figures": figures}), *evaluation.compressed[1:])
        found = evaluation.model_copy(update={"compressed": models})
        return record(parse(content | {"prune": {"agent": agent}}), evaluate=found, **more)

    return write
