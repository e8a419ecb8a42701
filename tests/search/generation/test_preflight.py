"""What is found wrong with a generative job before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from search import kinds
from search.generation.preflight import preflight
from secateur.errors import UnreachableTargetError
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
