from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file

from secateur import artifacts, manifest
from secateur.compression import importance
from secateur.compression.plan import SurgeryPlan
from secateur.errors import ArtifactError, PolicyError
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import Architecture

RESNET = Architecture(
    name="resnet", arguments={"depth": 1, "width": 8}, input_shape=(1, 8, 8), classes=10
)


def saved(folder: Path, network: torch.nn.Module, widths: tuple[int, ...] | None) -> Path:
    content = Manifest(
        architecture=RESNET,
        widths=widths,
        labels=tuple("0123456789"),
        mean=(0.3,),
        std=(0.4,),
    )
    artifacts.save(folder, network, content)
    return folder


@pytest.fixture(scope="module")
def pruned() -> tuple[torch.nn.Module, tuple[int, ...]]:
    torch.manual_seed(0)
    dense = build(RESNET)
    plan = SurgeryPlan.of(dense, RESNET.input_shape)
    widths = tuple(max(1, width // 2 - index) for index, width in enumerate(plan.widths))
    kept = importance.keep(importance.l1(dense, plan), widths)
    return plan.prune(dense, kept).eval(), widths


def test_a_pruned_network_comes_back_the_same(
    tmp_path: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, widths = pruned
    again, content = artifacts.load(saved(tmp_path / "model", network, widths))
    images = torch.randn(3, 1, 8, 8)
    assert content.widths == widths
    assert not again.training
    torch.testing.assert_close(again(images), network(images), rtol=0, atol=0)


def test_the_graph_normalises_and_answers_probabilities(
    tmp_path: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, widths = pruned
    folder = saved(tmp_path / "model", network, widths)
    session = onnxruntime.InferenceSession(folder / manifest.GRAPH)
    pixels = np.random.default_rng(0).random((5, 1, 8, 8), np.float32)
    (answer,) = session.run([manifest.GRAPH_OUTPUT], {manifest.GRAPH_INPUT: pixels})
    with torch.inference_mode():
        expected = network((torch.from_numpy(pixels) - 0.3) / 0.4).softmax(1)
    np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_saving_leaves_the_mode_alone(
    tmp_path: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, widths = pruned
    network.train()
    saved(tmp_path / "model", network, widths)
    assert network.training
    network.eval()


def test_weights_of_another_network_are_refused(
    tmp_path: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, widths = pruned
    folder = saved(tmp_path / "model", network, widths)
    weights = load_file(folder / manifest.WEIGHTS)
    weights.popitem()
    save_file(weights, folder / manifest.WEIGHTS)
    manifest.write(folder, manifest.Manifest.from_json((folder / "manifest.json").read_bytes()))
    with pytest.raises(ArtifactError, match=r"weights\.safetensors"):
        artifacts.load(folder)


def test_widths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PolicyError):
        artifacts.rebuild(RESNET, (4, 4))
