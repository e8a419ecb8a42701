"""What is found wrong with a generative job before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search import kinds
from search.generation.preflight import preflight
from secateur.errors import DataError, SpecError, UnreachableTargetError
from secateur.spec import GenerationSpec, parse

DCGAN = {"kind": "dcgan", "latent": 8, "width": [4, 8], "critic_width": 4}


def job(data: dict[str, Any] | None = None, **fields: Any) -> GenerationSpec:
    base = {"name": "gan", "task": "generation", "data": data or {"kind": "digits", "limit": 100}}
    spec = parse(base | {"search": {"networks": [DCGAN]}} | fields)
    assert isinstance(spec, GenerationSpec)
    return spec


def test_a_sound_job_gives_its_data() -> None:
    data = kinds.preflight(job())
    assert data.input_shape == (1, 8, 8)


def test_a_target_beyond_the_bounds_names_the_network() -> None:
    spec = job(prune={"targets": [0.9], "a_max": 0.5, "a_max_dense": 0.98})
    with pytest.raises(UnreachableTargetError, match=r"prune.targets: 0.9 .* for dcgan \(latent 8"):
        preflight(spec)


def test_without_pruning_nothing_is_traced() -> None:
    networks = [{"kind": "diffusion", "width": 4, "sampling_steps": 1}]
    spec = job(prune=None, search={"networks": networks})
    assert preflight(spec).input_shape == (1, 8, 8)


def test_a_recovery_with_nothing_to_learn_from_is_refused() -> None:
    networks = [DCGAN, {"kind": "vae", "latent": 4, "width": 4}]
    spec = job(search={"networks": networks}, recover={"distillation": 0})
    with pytest.raises(SpecError, match=r"recover\.distillation: 0 .* above 0 for vae, which has"):
        preflight(spec)
    assert preflight(job(recover={"distillation": 0}))


@pytest.mark.parametrize("normalizations", ["batch", ["batch", "layer"], ["layer", "batch"]])
@pytest.mark.parametrize("others", [["none", "clipping"], ["none"]])
def test_every_constraint_of_a_list_is_tried(
    tmp_path: Path, normalizations: str | list[str], others: list[str]
) -> None:
    images = np.zeros((60, 28, 28), np.uint8)
    np.savez(tmp_path / "large.npz", images=images, labels=np.zeros(60, np.int64))
    data = {"kind": "arrays", "path": str(tmp_path / "large.npz")}
    networks = [DCGAN | {"critic_normalization": normalizations}]
    recipe = {"constraint": [others[0], "gradient-penalty", *others[1:]]}
    with pytest.raises(SpecError, match=r"search\.recipe\.constraint: 'gradient-penalty'"):
        preflight(job(data, search={"networks": networks, "recipe": recipe}))


def test_too_few_images_to_judge_by(tmp_path: Path) -> None:
    images = np.zeros((25, 8, 8), np.uint8)
    np.savez(tmp_path / "few.npz", images=images, labels=np.zeros(25, np.int64))
    data = {"kind": "arrays", "path": str(tmp_path / "few.npz")}
    with pytest.raises(DataError, match=r"5 test images; expected 6 or more to judge"):
        preflight(job(data))
    assert preflight(job(data | {"test": 0.3}))
