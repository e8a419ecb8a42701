from __future__ import annotations

from pathlib import Path

import pytest

from search.home import Home


@pytest.mark.parametrize("address", [None, ""])
def test_without_an_address_everything_of_the_tracker_is_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    """An empty variable says as much as none, of runs and of their files alike."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if address is not None:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    home = Home(tmp_path)
    assert home.tracking_uri == f"sqlite:///{tmp_path}/mlflow.db"
    assert home.artifact_root == f"file://{tmp_path}/mlartifacts"


@pytest.mark.parametrize("home", [None, ""])
def test_a_home_that_is_unset_or_empty(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    monkeypatch.delenv("SECATEUR_HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("SECATEUR_HOME", home)
    assert Home.find().folder == Path.cwd() / "runs"


def test_a_server_decides_itself_where_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    assert Home(tmp_path).tracking_uri == "http://server:5000"
    assert Home(tmp_path).artifact_root is None
