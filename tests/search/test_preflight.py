from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from search.preflight import preflight
from secateur.errors import DataError, UnreachableTargetError
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


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        preflight(job(data={"kind": "image-folder", "root": str(tmp_path / "nowhere")}))
