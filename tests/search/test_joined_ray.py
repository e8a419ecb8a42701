from __future__ import annotations

import re
from pathlib import Path

import pytest

from search.joined_ray import any_ray
from secateur.errors import ClusterError


@pytest.mark.parametrize("address", ["127.0.0.1:9", "127.0.0.1:99999", "a..b:6379"])
def test_an_address_where_nobody_is_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    with (
        pytest.raises(ClusterError, match=f"RAY_ADDRESS: {re.escape(address)}: no Ray answers"),
        any_ray(tmp_path / "ray.log"),
    ):
        pass
    assert not (tmp_path / "ray.log").exists()
