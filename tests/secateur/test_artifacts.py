from __future__ import annotations

import copy
import shutil
from contextlib import nullcontext
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


@pytest.fixture(scope="module")
def stored(
    tmp_path_factory: pytest.TempPathFactory, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> Path:
    """The pruned network, saved; nobody alters it."""
    return saved(tmp_path_factory.mktemp("stored") / "model", *pruned)


@pytest.fixture
def folder(stored: Path, tmp_path: Path) -> Path:
    """The same, to alter."""
    return shutil.copytree(stored, tmp_path / "model")


def test_a_pruned_network_comes_back_the_same(
    stored: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, widths = pruned
    again, content = artifacts.load(stored)
    images = torch.randn(3, 1, 8, 8)
    assert content.widths == widths
    assert not again.training
    torch.testing.assert_close(again(images), network(images), rtol=0, atol=0)


def test_the_graph_normalises_and_answers_probabilities(
    stored: Path, pruned: tuple[torch.nn.Module, tuple[int, ...]]
) -> None:
    network, _ = pruned
    session = onnxruntime.InferenceSession(stored / manifest.GRAPH)
    pixels = np.random.default_rng(0).random((5, 1, 8, 8), np.float32)
    (answer,) = session.run([manifest.GRAPH_OUTPUT], {manifest.GRAPH_INPUT: pixels})
    with torch.inference_mode():
        expected = network((torch.from_numpy(pixels) - 0.3) / 0.4).softmax(1)
    np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_the_graph_names_no_machine(stored: Path) -> None:
    # The exporter notes the stack of every call, with the files that it passed through.
    assert b".py" not in (stored / manifest.GRAPH).read_bytes()


def test_an_int8_variant_comes_and_goes(folder: Path) -> None:
    before = manifest.read(folder)
    pixels = np.random.default_rng(0).random((40, 1, 8, 8), np.float32)

    content = artifacts.add_int8(folder, pixels)
    assert content == manifest.read(folder)
    assert content.variant("int8").graph == manifest.INT8_GRAPH
    session = onnxruntime.InferenceSession(folder / manifest.INT8_GRAPH)
    (answer,) = session.run([manifest.GRAPH_OUTPUT], {manifest.GRAPH_INPUT: pixels})
    assert answer.shape == (40, 10)

    assert artifacts.drop_int8(folder) == before == manifest.read(folder)
    assert not (folder / manifest.INT8_GRAPH).exists()


def test_a_model_stays_sound_where_a_job_is_killed_while_int8_comes_or_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        (folder / manifest.INT8_GRAPH).write_bytes(b"half of it")
        raise KeyboardInterrupt

    def killed_at_once(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    pixels = np.random.default_rng(0).random((2, 1, 8, 8), np.float32)
    before, both = manifest.read(folder), artifacts.add_int8(folder, pixels)
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "write", killed_at_once)
        with pytest.raises(KeyboardInterrupt):
            artifacts.drop_int8(folder)
    assert manifest.read(folder) == both
    with monkeypatch.context() as patch:
        patch.setattr(artifacts, "quantize", killed)
        with pytest.raises(KeyboardInterrupt):
            artifacts.add_int8(folder, pixels)
    assert manifest.read(folder) == before
    assert artifacts.add_int8(folder, pixels) == both


@pytest.mark.parametrize("fails", [False, True])
def test_saving_leaves_the_modes_alone(
    tmp_path: Path,
    pruned: tuple[torch.nn.Module, tuple[int, ...]],
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,
) -> None:
    network, widths = copy.deepcopy(pruned[0]).train(), pruned[1]
    network.stem.eval()  # as what is frozen
    before = [module.training for module in network.modules()]
    if fails:
        monkeypatch.setattr(torch.onnx, "export", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError) if fails else nullcontext():
        saved(tmp_path / "model", network, widths)
    assert [module.training for module in network.modules()] == before
    assert len(set(before)) == 2


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    weights = load_file(folder / manifest.WEIGHTS)
    weights.popitem()
    save_file(weights, folder / manifest.WEIGHTS)
    manifest.write(folder, manifest.Manifest.from_json((folder / "manifest.json").read_bytes()))
    with pytest.raises(ArtifactError, match=r"weights\.safetensors"):
        artifacts.load(folder)


def test_widths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PolicyError):
        artifacts.rebuild(RESNET, (4, 4))
