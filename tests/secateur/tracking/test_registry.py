from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch

from secateur import artifacts, manifest
from secateur.errors import ArtifactError, RegistryError
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.tracking.mlflow_tracker import MLflowTracker
from secateur.tracking.registry import Registry

MLP = Architecture(name="mlp", arguments={"depth": 1, "width": 4}, input_shape=(1, 2, 2), classes=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    content = Manifest(architecture=MLP, labels=("a", "b"), mean=(0.5,), std=(0.5,))
    artifacts.save(folder, build(MLP).eval(), content)
    return folder


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def registry(uri: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with two versions of one model."""
    tracker = MLflowTracker(uri, "job", "a", tmp_path_factory.mktemp("files").as_uri())
    registry = Registry(uri)
    run = tracker.start("job", name="job")
    for target in ("0.5", "0.75"):
        registry.publish(run, "tiny", folder, {"target": target})
    return registry


def test_the_last_published_version_is_champion(registry: Registry) -> None:
    assert registry.names() == ["tiny"]
    assert registry.resolve("tiny") == "2"


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


def test_unknown_names_are_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="expected one of: tiny"):
        registry.resolve("small")
    with pytest.raises(RegistryError, match="not in the registry"):
        registry.resolve("tiny", "challenger")
    with pytest.raises(RegistryError, match="not in the registry"):
        registry.download("tiny", "9", tmp_path / "kept")


def test_a_broken_model_is_not_published(registry: Registry, folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in folder.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / manifest.GRAPH).write_bytes(b"")
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        registry.publish("run", "tiny", broken, {})
