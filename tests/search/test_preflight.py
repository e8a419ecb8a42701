from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.carry_over import WEIGHTS
from search.generation.preflight import preflight as generative
from search.preflight import preflight
from secateur import artifacts, manifest
from secateur.errors import (
    ArchitectureError,
    ArtifactError,
    DataError,
    SpecError,
    UnreachableTargetError,
)
from secateur.models import build
from secateur.records import Architecture
from secateur.spec import JobSpec, parse


def job(**changes: Any) -> JobSpec:
    return parse({"name": "job", "data": {"kind": "digits", "limit": 200}} | changes)


def test_a_sound_job_gets_its_data() -> None:
    data = preflight(job())
    assert data.name == "digits"
    assert len(data.train) + len(data.validation) == 200


def test_a_target_that_a_family_cannot_reach_is_refused_with_its_limit() -> None:
    spec = job(
        search={"networks": [{"kind": "mlp", "depth": 1, "width": 64}]},
        prune={"targets": [0.6], "a_max": 0.5, "a_max_dense": 0.5},
    )
    # One hidden layer: FLOPs are proportional to its width, and half of it may go.
    with pytest.raises(UnreachableTargetError, match=r"at most 0\.5.*for mlp \(depth 1, width 64"):
        preflight(spec)


def test_a_share_of_parameters_that_a_family_cannot_lose_is_refused_with_its_limit() -> None:
    spec = job(
        search={"networks": [{"kind": "mlp", "depth": 1, "width": 64}]},
        prune={"targets": [0.3], "parameters": 0.5, "a_max": 0.5, "a_max_dense": 0.5},
    )
    # 64 x 64 + 64 + 64 x 10 + 10 = 4,810 parameters, of which half of the units leave 2,410.
    refused = r"prune\.parameters: 0\.5 is not usable; expected at most 0\.4989.*for mlp"
    with pytest.raises(UnreachableTargetError, match=refused):
        preflight(spec)


def test_the_extreme_networks_are_tried_wherever_their_lists_have_them() -> None:
    # A layer of a single unit cannot lose it, the others can be halved.
    search = {"networks": [{"kind": "mlp", "depth": 1, "width": [64, 1, 128]}]}
    with pytest.raises(SpecError, match=r"search\.networks\.0: 'mlp'.*no channel can be cut"):
        preflight(job(search=search))
    # 16,384 units on as many others: 0.27 billion weights of 16 bytes each in training.
    search = {"networks": [{"kind": "mlp", "depth": 2, "width": [64, 16384, 128]}]}
    with pytest.raises(SpecError, match=r"mlp \(.*width 16384\).*limits\.memory_gb"):
        preflight(job(search=search, limits={"memory_gb": 1}))


def test_a_batch_larger_than_the_training_split_is_refused() -> None:
    # A fifth of the 200 images is held out for validation.
    assert preflight(job(search={"recipe": {"batch_size": [32, 160]}}))
    expected = r"search\.recipe\.batch_size: 161 is not usable; expected at most 160"
    for sizes in ([32, 161], {"low": 8, "high": 161}, 161):
        with pytest.raises(SpecError, match=expected):
            preflight(job(search={"recipe": {"batch_size": sizes}}))


def test_batches_of_one_image_are_for_layers_that_can_take_them() -> None:
    sizes = {"recipe": {"batch_size": [1, 32]}}
    plain = {"kind": "mlp", "depth": 1, "width": 16}
    assert preflight(job(search={"networks": [plain]} | sizes))
    assert preflight(job(search={"networks": [{"kind": "resnet", "depth": 1}]} | sizes))
    with pytest.raises(SpecError, match=r"recipe\.batch_size: 1 .* 2 or more for mlp with its"):
        preflight(job(search={"networks": [plain | {"normalization": "batch"}]} | sizes))


def test_a_space_without_a_network_that_fits_the_images_is_refused(tmp_path: Path) -> None:
    images = np.zeros((40, 2, 2), np.uint8)
    np.savez(tmp_path / "small.npz", images=images, labels=np.arange(40) % 2)
    data = {"kind": "arrays", "path": str(tmp_path / "small.npz")}
    with pytest.raises(ArchitectureError, match="lenet"):
        preflight(job(data=data, search={"networks": [{"kind": "lenet"}],
                                         "recipe": {"batch_size": 8}}))  # fmt: skip


def test_a_family_without_a_channel_to_prune_is_refused() -> None:
    networks = [{"kind": "mlp"}, {"kind": "perceptron"}]
    with pytest.raises(SpecError, match=r"search\.networks\.1: 'perceptron'.*no channel"):
        preflight(job(search={"networks": networks}))


def test_small_networks_of_the_large_families_fit_small_images() -> None:
    kinds = ("alexnet", "vgg", "googlenet", "resnet-imagenet", "efficientnet")
    networks = [{"kind": kind, "width": 0.125} for kind in kinds]
    assert preflight(job(search={"networks": networks}))


def test_weights_to_start_from_must_fit(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    space = {"kind": "resnet-imagenet", "depth": 18, "width": 0.0625, "weights": str(path)}
    with pytest.raises(ArtifactError, match="no such file"):
        preflight(job(search={"networks": [space]}))
    arguments = {"depth": 18, "width": 0.0625}
    asked = Architecture(
        name="resnet-imagenet", arguments=arguments, input_shape=(1, 8, 8), classes=4
    )
    torch.save(build(asked).state_dict(), path)
    assert preflight(job(search={"networks": [space]}))
    with pytest.raises(ArtifactError, match="does not fit"):
        preflight(job(search={"networks": [space | {"width": [0.0625, 0.125]}]}))


def test_without_pruning_any_family_and_any_way_of_recovery_will_do() -> None:
    assert preflight(job(search={"networks": [{"kind": "perceptron"}]}, prune=None))


def test_a_frozen_trunk_is_pruned_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    arguments = {"depth": 18, "width": 0.0625}
    asked = Architecture(
        name="resnet-imagenet", arguments=arguments, input_shape=(1, 8, 8), classes=10
    )
    torch.save(build(asked).state_dict(), path)
    space = {"kind": "resnet-imagenet", "weights": str(path), "start": "feature-extractor"}
    assert preflight(job(search={"networks": [space | arguments]}))


def test_a_teacher_must_have_learned_the_same(tmp_path: Path) -> None:
    asked = Architecture(name="mlp", arguments={"depth": 1}, input_shape=(1, 8, 8), classes=10)
    data = preflight(job())
    fit = artifacts.describe(asked, data.development)
    artifacts.save(tmp_path / "saved", build(asked), fit)
    search = {"teacher": {"model": str(tmp_path / "saved")}}
    assert preflight(job(search=search))
    manifest.write(tmp_path / "saved", fit.model_copy(update={"labels": data.labels[::-1]}))
    with pytest.raises(SpecError, match=r"search\.teacher\.model: .*the same classes"):
        preflight(job(search=search))
    search = {"teacher": {"model": str(tmp_path / "nowhere")}}
    with pytest.raises(ArtifactError, match="nowhere"):
        preflight(job(search=search))


def test_files_of_the_job_itself_are_nothing_to_begin_anew_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    asked = Architecture(name="mlp", arguments={"depth": 1}, input_shape=(1, 8, 8), classes=10)
    fit = artifacts.describe(asked, preflight(job()).development)
    artifacts.save(tmp_path / "job" / "models" / "dense", build(asked), fit)
    search = {"teacher": {"model": str(tmp_path / "job" / "models" / "dense")}}
    assert preflight(job(search=search))
    with pytest.raises(SpecError, match=r"teacher\.model: .* this one is discarded first"):
        preflight(job(search=search), anew=True)
    weights = str(tmp_path / "job" / "weights.pth")
    search = {"networks": [{"kind": "resnet-imagenet", "weights": weights}]}
    with pytest.raises(SpecError, match=r"networks\.0\.weights: .* this one is discarded first"):
        preflight(job(search=search), anew=True)


def test_a_regression_needs_a_family_that_takes_numbers() -> None:
    data = {"kind": "arithmetic", "pairs": 200}
    networks = [{"kind": "mlp"}, {"kind": "lenet"}]
    assert preflight(job(data=data, search={"networks": networks[:1]})).outputs == 1
    with pytest.raises(ArchitectureError, match=r"lenet\.input_shape"):
        preflight(job(data=data, search={"networks": networks}))


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        preflight(job(data={"kind": "image-folder", "root": str(tmp_path / "nowhere")}))


def test_one_class_leaves_nothing_to_tell_apart() -> None:
    asked: dict[str, Any] = {"search": {"networks": [{"kind": "mlp"}]}, "prune": None}
    data = {"kind": "microstructures", "images": 400}
    with pytest.raises(DataError, match=r"'microstructure' is the only class; .* generation"):
        preflight(job(data=data, **asked))
    fractions = data | {"volume_fraction": [0.1, 0.3]}
    assert preflight(job(data=fractions, **asked)).labels == ("0.1", "0.3")


def test_a_job_to_start_from_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    spec = job(search={"warm_start": "before"})
    with pytest.raises(SpecError, match=r"search\.warm_start: 'before'.*none here yet"):
        preflight(spec)
    # A search that has begun has taken what it needed, but not one that is to begin anew.
    (tmp_path / "job" / "tune").mkdir(parents=True)
    (tmp_path / "job" / "tune" / "tuner.pkl").touch()
    assert preflight(spec).name == "digits"
    with pytest.raises(SpecError, match=r"search\.warm_start: 'before'.*none here yet"):
        preflight(spec, anew=True)
    with pytest.raises(
        SpecError, match=r"search\.warm_start: .*/job'.*this one is discarded first"
    ):
        preflight(job(search={"warm_start": "job"}), anew=True)


def test_an_agent_to_start_from_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    prune = {"targets": [0.5], "agent": {"kind": "ddpg", "start_from": "before"}}
    gan = {"name": "job", "task": "generation", "data": {"kind": "digits", "limit": 200}}
    refused = r"prune\.agent\.start_from: 'before' is not usable; expected a job with a trained"
    with pytest.raises(SpecError, match=refused):
        preflight(job(prune=prune))
    with pytest.raises(SpecError, match=refused):
        generative(parse(gan | {"prune": prune}))
    trained = tmp_path / "before" / "agents" / "target-0.5-seed-0" / "stage-1"
    trained.mkdir(parents=True)
    (trained / WEIGHTS).touch()
    assert preflight(job(prune=prune)).name == "digits"
    # Agents that have begun have taken what they needed.
    (tmp_path / "job" / "agents").mkdir(parents=True)
    (trained / WEIGHTS).unlink()
    assert preflight(job(prune=prune)).name == "digits"
    with pytest.raises(SpecError, match=refused):
        preflight(job(prune=prune), anew=True)
    trained = tmp_path / "job" / "agents" / "target-0.5-seed-0" / "stage-1"
    trained.mkdir(parents=True)
    (trained / WEIGHTS).touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    for own in ("job", "agents", str(tmp_path / "job" / "agents"), "~/job"):
        prune["agent"] = {"kind": "ddpg", "start_from": own}
        with pytest.raises(SpecError, match="this one is discarded first"):
            preflight(job(prune=prune), anew=True)
