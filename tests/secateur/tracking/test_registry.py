from __future__ import annotations

from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch

from secateur import artifacts, manifest
from secateur.errors import ArtifactError, RegistryError
from secateur.gate import Gate
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import Architecture
from secateur.tracking.mlflow_tracker import MLflowTracker
from secateur.tracking.registry import GATE, Registry

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
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def registry(uri: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with two versions of one model, the first of them as challenger."""
    tracker = MLflowTracker(uri, "job", "a", tmp_path_factory.mktemp("files").as_uri())
    registry = Registry(uri)
    run = tracker.start("job", name="job")
    registry.publish(run, "tiny", folder, {"target": "0.5"}, BOUNDS, "challenger")
    registry.publish(run, "tiny", folder, {"target": "0.75"})
    return registry


def test_the_last_published_version_is_champion(registry: Registry) -> None:
    assert registry.names() == ["tiny"]
    assert registry.resolve("tiny") == "2"
    assert registry.champions() == ["tiny"]


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


def test_unknown_names_are_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="expected one of: tiny"):
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
        registry.publish("run", "tiny", broken, {})
