from __future__ import annotations

from pathlib import Path

import pytest

from search.joined_ray import any_ray
from secateur.errors import ClusterError


def test_an_address_where_nobody_is_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with (
        pytest.raises(ClusterError, match=r"RAY_ADDRESS: 127\.0\.0\.1:9: no Ray answers"),
        any_ray(tmp_path / "ray.log"),
    ):
        pass
    assert not (tmp_path / "ray.log").exists()
