from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from search import answers
from search import evaluate as stage
from secateur import artifacts, manifest
from secateur.data import Dataset, load
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import (
    Architecture,
    Evaluation,
    FinetuneResult,
    Recipe,
    SearchResult,
    TrialRecord,
)
from secateur.spec import DigitsData, PublishSpec
from secateur.training.supervised import train
from serving.opening import open_network

DENSE = Architecture(
    name="mlp", arguments={"width": 32, "depth": 2}, input_shape=(1, 8, 8), classes=10
)
COMPRESSED = "models/flops-0.5"
OPEN = PublishSpec(max_accuracy_drop=1)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load(DigitsData(), seed=0)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """Folder of a job that has come to its evaluation: the dense network stands for both."""
    folder = tmp_path_factory.mktemp("job")
    network = build(DENSE, seed=0)
    for _ in train(network, digits.development, Recipe(epochs=4, learning_rate=5e-3)):
        pass
    content = Manifest(architecture=DENSE, labels=digits.labels, mean=digits.mean, std=digits.std)
    artifacts.save(folder / "models/dense", network, content)
    shutil.copytree(folder / "models/dense", folder / COMPRESSED)
    return folder


@pytest.fixture
def evaluate(job: Path, digits: Dataset) -> Callable[[PublishSpec], Evaluation]:
    """Evaluates the job behind a gate."""
    best = TrialRecord(
        number=0, architecture=DENSE, recipe=Recipe(), accuracy=0.9, epochs=4, status="finished"
    )
    searched = SearchResult(trials=(best,), best=best, artifact="models/dense")
    tuned = FinetuneResult(target=0.5, artifact=COMPRESSED, accuracy=0.9, epochs=())

    def run(gate: PublishSpec) -> Evaluation:
        return stage.evaluate(gate, searched, [tuned], digits.train, digits.test, job)

    return run


def test_the_int8_variant_is_measured_and_kept_with_its_own_figures(
    evaluate: Callable[[PublishSpec], Evaluation], job: Path, digits: Dataset
) -> None:
    evaluation = evaluate(OPEN)
    assert evaluation.int8 is not None
    assert evaluation.int8.failures == ()
    figures, exact = evaluation.int8.figures, evaluation.champion.figures

    content = manifest.read(job / COMPRESSED)
    assert content.figures == exact
    assert content.variant("int8").figures == figures
    assert (figures.flops, figures.parameters) == (exact.flops, exact.parameters)
    assert figures.size_bytes == (job / COMPRESSED / manifest.INT8_GRAPH).stat().st_size
    assert figures.size_bytes < exact.size_bytes
    served = open_network(job / COMPRESSED, precision="int8")
    answers = served.run(stage.graph_input(digits.test)).argmax(axis=1)
    assert figures.accuracy == (answers == digits.test.labels).mean()


def test_a_graph_answers_part_by_part_what_it_answers_at_once(job: Path, digits: Dataset) -> None:
    served = open_network(job / "models/dense")
    whole = digits.train.take(slice(1, 1100))  # more than one part, the last of them short
    assert len(whole) == 1099
    answers = stage.run(served, whole)
    np.testing.assert_array_equal(answers, served.run(stage.graph_input(whole)))


def test_what_the_networks_answered_is_kept(
    evaluate: Callable[[PublishSpec], Evaluation], job: Path, digits: Dataset
) -> None:
    evaluation = evaluate(OPEN)
    kept = answers.read(job)
    assert kept is not None
    assert kept.labels == digits.labels
    right = (kept.said == kept.truths).mean(axis=1).tolist()
    assert right == [evaluation.dense.figures.accuracy, evaluation.champion.figures.accuracy]
    assert (kept.said[1][kept.worst] != digits.test.labels[kept.worst]).all()
    np.testing.assert_array_equal(kept.pixels, digits.test.pixels[kept.worst])
    assert kept.sure.min() > 0.1  # the likeliest of ten classes


def test_only_the_chosen_model_is_quantised(
    evaluate: Callable[[PublishSpec], Evaluation], job: Path
) -> None:
    evaluate(OPEN)
    assert manifest.read(job / "models/dense").variants == {}


def test_a_variant_that_misses_the_gate_is_taken_out(
    evaluate: Callable[[PublishSpec], Evaluation], job: Path
) -> None:
    # Nothing reaches 100 % of the test split here, so that the bound is missed for certain.
    evaluation = evaluate(PublishSpec(min_accuracy=1, max_accuracy_drop=1))
    assert evaluation.int8 is not None
    (failure,) = evaluation.int8.failures
    assert "below publish.min_accuracy 100.00%" in failure
    content = manifest.read(job / COMPRESSED)
    assert content.variants == {}
    assert set(content.files) == {manifest.GRAPH, manifest.WEIGHTS}


def test_a_job_can_do_without(evaluate: Callable[[PublishSpec], Evaluation], job: Path) -> None:
    evaluate(OPEN)
    assert evaluate(PublishSpec(max_accuracy_drop=1, int8=False)).int8 is None
