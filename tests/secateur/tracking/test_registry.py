from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch
from mlflow import MlflowClient

from secateur import artifacts, manifest
from secateur.errors import ArtifactError, RegistryError
from secateur.gate import Gate
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.tracking.card import Card
from secateur.tracking.publication import GATE
from secateur.tracking.registry import Registry

MLP = Architecture(name="mlp", arguments={"depth": 1, "width": 4}, input_shape=(1, 2, 2), classes=2)

BOUNDS = Gate(min_accuracy=0.9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    content = Manifest(architecture=MLP, labels=("a", "b"), mean=(0.5,), std=(0.5,))
    artifacts.save(folder, build(MLP).eval(), content)
    return folder


@pytest.fixture(scope="module")
def registry(uri: str, artifact_root: str | None, folder: Path) -> Registry:
    """A registry with two versions of one model, the first of them as challenger."""
    client = MlflowClient(uri)
    run = client.create_run(client.create_experiment("registry", artifact_root)).info.run_id
    registry = Registry(uri)
    experiment = client.get_run(run).info.experiment_id
    job = client.create_run(experiment, run_name="the job").info.run_id
    card = Card(
        tags={"target": "0.5"},
        description="Two *pixels*.",
        figures={"test/accuracy": 0.9},
        example=np.full((1, 1, 2, 2), 0.25, np.float32),
        job=job,
    )
    registry.publish(run, "tiny", folder, card, BOUNDS, "challenger")
    # Done again, as by a job that was interrupted, it makes no other version.
    registry.publish(run, "tiny", folder, card, BOUNDS, "challenger")
    again = client.create_run(experiment).info.run_id
    registry.publish(again, "tiny", folder, Card(tags={"target": "0.75"}))
    return registry


def test_the_last_published_version_is_champion(registry: Registry) -> None:
    assert "tiny" in registry.names()
    assert registry.resolve("tiny") == "2"
    assert "tiny" in registry.champions()


def test_a_challenger_leaves_the_champion(registry: Registry) -> None:
    assert registry.aliases("tiny") == {"champion": "2", "challenger": "1"}
    assert registry.former_champions("tiny") == []


def test_gate_and_digest_are_published_with_a_version(registry: Registry, folder: Path) -> None:
    assert registry.seal("tiny", "1") == manifest.digest(folder / manifest.MANIFEST)
    tags = registry.tags("tiny", "1")
    assert tags["target"] == "0.5"
    assert Gate.model_validate_json(tags[GATE]) == BOUNDS
    assert GATE not in registry.tags("tiny", "2")


def test_a_download_is_the_folder_that_was_published(
    registry: Registry, folder: Path, tmp_path: Path
) -> None:
    fetched = registry.download("tiny", "2", tmp_path / "kept")
    assert manifest.read(fetched) == manifest.read(folder)
    assert sorted(path.name for path in fetched.iterdir()) == [
        "manifest.json",
        "model.onnx",
        "weights.safetensors",
    ]


def test_plain_mlflow_scores_the_champion(
    registry: Registry, uri: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow.set_tracking_uri(uri)
    pixels = np.full((3, 1, 2, 2), 0.25, np.float32)
    answer = mlflow.pyfunc.load_model("models:/tiny@champion").predict(pixels)
    network, _ = artifacts.load(folder)
    expected = network(torch.full((3, 1, 2, 2), (0.25 - 0.5) / 0.5)).softmax(1)
    np.testing.assert_allclose(answer[manifest.GRAPH_OUTPUT], expected.detach(), atol=1e-6)


def test_a_version_says_what_it_is(registry: Registry) -> None:
    version = registry.client.get_model_version("tiny", "1")
    assert version.description == "Two *pixels*."
    model = registry.client.get_logged_model(version.source.removeprefix("models:/"))
    assert {metric.key: metric.value for metric in model.metrics} == {"test/accuracy": 0.9}


def test_the_job_names_the_model_among_its_results(registry: Registry) -> None:
    version = registry.client.get_model_version("tiny", "1")
    publisher = registry.client.get_run(version.run_id)
    (job,) = [
        run
        for run in registry.client.search_runs([publisher.info.experiment_id])
        if run.info.run_name == "the job"
    ]
    linked = [f"models:/{output.model_id}" for output in job.outputs.model_outputs]
    assert linked == [version.source]
    assert job.data.metrics == {}  # the figures are the publishing run's


def test_signature_and_example_are_those_of_the_graph(registry: Registry, uri: str) -> None:
    mlflow.set_tracking_uri(uri)
    model = mlflow.pyfunc.load_model("models:/tiny@challenger")
    (given,), (answered,) = model.metadata.signature.inputs, model.metadata.signature.outputs
    # Any number of images of one channel, 2 x 2, and a probability for each of two classes.
    assert (given.shape, given.type) == ((-1, 1, 2, 2), np.float32)
    assert (answered.shape, answered.name) == ((-1, 2), manifest.GRAPH_OUTPUT)
    example = model.input_example
    np.testing.assert_array_equal(example, np.full((1, 1, 2, 2), 0.25, np.float32))
    with pytest.raises(mlflow.MlflowException, match="shape"):
        model.predict(np.zeros((1, 1, 3, 3), np.float32))
    assert mlflow.pyfunc.load_model("models:/tiny/2").input_example is None


def test_unknown_names_are_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"expected one of: .*tiny"):
        registry.resolve("small")
    with pytest.raises(RegistryError, match="not in the registry"):
        registry.resolve("tiny", "other")
    with pytest.raises(RegistryError, match="not in the registry"):
        registry.download("tiny", "9", tmp_path / "kept")


def test_a_broken_model_is_not_published(registry: Registry, folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in folder.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / manifest.GRAPH).write_bytes(b"")
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        registry.publish("run", "tiny", broken, Card())


def test_a_run_that_is_not_there_publishes_nothing(registry: Registry, folder: Path) -> None:
    with pytest.raises(RegistryError, match=f"run {'0' * 32}: not in the store"):
        registry.publish("0" * 32, "other", folder, Card())
    assert "other" not in registry.names()
