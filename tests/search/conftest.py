"""Records of a job that never ran, with figures that are easy to work with, and its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from secateur.data import Dataset, Development, Images
from secateur.records import (
    Architecture,
    EvaluatedModel,
    Evaluation,
    Figures,
    PruningResult,
    Recipe,
    SearchResult,
    TrialRecord,
)
from secateur.spec import JobSpec, parse
from secateur.storage.place import HOME, STORAGE
from tests.search.made import found_by_agents


def model(target: float, validation: float, **figures: float) -> EvaluatedModel:
    measured = {"accuracy": 0.98, "flops": 1000, "parameters": 200, "size_bytes": 4000,
                "latency_ms": 0.5}  # fmt: skip
    return EvaluatedModel(
        target=target,
        artifact=f"models/flops-{target:g}",
        validation_accuracy=validation,
        figures=Figures.model_validate(measured | figures),
    )


@pytest.fixture
def evaluation() -> Evaluation:
    """98 % dense; 97.5 % at half, 94 % at a quarter of the FLOPs."""
    return Evaluation(
        dense=model(0, 0.99),
        compressed=(
            model(0.5, 0.985, accuracy=0.975, flops=500, parameters=50, size_bytes=1000),
            model(0.75, 0.94, accuracy=0.94, flops=250, parameters=20, latency_ms=0.25),
        ),
        chosen=0,
    )


@pytest.fixture
def spec() -> JobSpec:
    """The job of ``searched``."""
    networks = [{"kind": "lenet", "width": [1.0, 2.0]}]
    return parse({"name": "digits", "data": {"kind": "digits"}, "search": {"networks": networks}})


@pytest.fixture
def searched() -> SearchResult:
    """Three trials: one of each end."""
    architecture = Architecture(
        name="lenet", arguments={"width": 2.0}, input_shape=(1, 8, 8), classes=10
    )
    trials = tuple(
        TrialRecord(
            number=number,
            architecture=architecture,
            recipe=Recipe(learning_rate=0.01, epochs=4),
            accuracy=accuracy,
            epochs=epochs,
            status=status,
            flops=1000,
        )
        for number, (accuracy, epochs, status) in enumerate(
            [(0.9, 1, "stopped"), (0.99, 4, "finished"), (None, 0, "failed")]
        )
    )
    return SearchResult(trials=trials, best=trials[1], artifact="models/dense", front=(1,))


@pytest.fixture
def pruned() -> tuple[PruningResult, ...]:
    """Two targets of two episodes each over two groups."""
    return found_by_agents(
        ((0.5, (6, 8), 490), (0.75, (4, 5), 240)), {"first": 8, "second": 16}, (0.5, 0.7)
    )


@pytest.fixture(scope="session")
def noise() -> Development:
    """Images of three classes without any sense."""
    generator = np.random.default_rng(0)

    def images(count: int) -> Images:
        pixels = generator.integers(0, 255, (count, 1, 8, 8)).astype(np.uint8)
        return Images(pixels, np.arange(count, dtype=np.int64) % 3)

    return Dataset.of("noise", ("a", "b", "c"), images(40), images(20), images(10)).development


@pytest.fixture(params=["on this disk", "in a storage"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a job."""
    monkeypatch.delenv(STORAGE, raising=False)
    if request.param == "in a storage":
        monkeypatch.setenv(STORAGE, f"file://{tmp_path}/bucket")
        monkeypatch.setenv(HOME, f"{tmp_path}/home")
    return tmp_path / "home" / "job"
