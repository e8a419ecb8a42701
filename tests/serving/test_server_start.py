"""Starts that are refused or fail, and what they leave behind: nothing."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import ray
from ray import serve
from ray.exceptions import ActorDiedError

from secateur.errors import ArtifactError
from secateur.manifest import GRAPH
from serving import server
from serving.errors import ServerStartError
from serving.source import FolderSource, RegistrySource, SavedModel
from serving.spec import ServeSpec


@dataclass(frozen=True)
class FetchedOnce(FolderSource):
    """Good for the check in the driver, gone when the replica comes."""

    marker: Path = Path()

    def fetch(self, version: str) -> SavedModel:
        if self.marker.exists():
            raise ArtifactError("fetched before")
        self.marker.touch()
        return super().fetch(version)


@pytest.mark.usefixtures("ray_session")
def test_a_port_that_is_taken(saved: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerStartError, match=f"port {port} of 127.0.0.1 is taken"):
            server.start([FolderSource("m", saved)], ServeSpec(port=port))
    assert not serve.status().proxies


@pytest.mark.usefixtures("ray_session")
def test_an_altered_model_is_refused_in_its_own_words(save_model: Callable[..., Path]) -> None:
    folder = save_model()
    (folder / GRAPH).write_bytes(b"other")
    with pytest.raises(ArtifactError, match=r"model\.onnx: SHA-256 differs"):
        server.start([FolderSource("m", folder)], server.DEFAULTS)
    assert not serve.status().proxies


@pytest.mark.usefixtures("ray_session")
def test_a_replica_that_fails_is_explained_and_leaves_nothing(saved: Path, tmp_path: Path) -> None:
    once = FetchedOnce("m", saved, marker=tmp_path / "fetched")
    with pytest.raises(ServerStartError, match=r"did not start: .*ArtifactError: fetched before"):
        server.start([once], server.DEFAULTS)
    assert not serve.status().proxies
    server.stop()  # harmless where nothing runs


@pytest.mark.usefixtures("ray_session")
def test_a_serve_whose_own_process_ends_is_one_line(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(**_: object) -> None:
        raise ActorDiedError()

    monkeypatch.setattr(serve, "start", ended)
    with pytest.raises(ServerStartError, match="a process of Ray Serve ended, as on a machine"):
        server.start([FolderSource("m", saved)], server.DEFAULTS)


@pytest.mark.usefixtures("ray_session")
def test_more_replicas_than_processors(saved: Path) -> None:
    with pytest.raises(ServerStartError, match="1000 replicas do not fit on"):
        server.start([FolderSource("m", saved)], ServeSpec(replicas=1000))


def test_without_ray(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(ServerStartError, match="Ray is not running"):
        server.start([FolderSource("m", saved)])


@pytest.mark.slow
@pytest.mark.usefixtures("ray_session")
def test_a_start_without_a_registry(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restart: an earlier server has left the champion on disk."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    source = RegistrySource("brightness", "http://127.0.0.1:9", tmp_path)
    shutil.copytree(saved, tmp_path / "brightness" / "3")
    source.keep(SavedModel("3", tmp_path / "brightness" / "3"))
    with server.running([source]) as url:
        content = httpx.get(f"{url}/v2/models/brightness", timeout=60).json()
        assert content["versions"] == ["3"]
        assert httpx.get(f"{url}/v2/models/brightness/ready", timeout=60).json()["ready"]
