from __future__ import annotations

import re
import socket
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


def test_a_port_that_is_none_is_not_taken_for_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The system would connect to the rest of the number by 65536, where somebody listens here."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{65536 + server.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with (
            pytest.raises(ClusterError, match=f"{address}: no Ray answers: .* is no port"),
            any_ray(tmp_path / "ray.log"),
        ):
            pass
