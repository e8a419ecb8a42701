from __future__ import annotations

import logging
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError, RegistryError
from secateur.manifest import GRAPH
from serving.source import FolderSource, RegistrySource, SavedModel

SaveModel = Callable[..., Path]


class Store:
    """A registry in memory: versions by number, one alias."""

    def __init__(self) -> None:
        self.versions: dict[str, Path] = {}
        self.alias: str | None = None
        self.downloads = 0

    def resolve(self, name: str, alias: str) -> str:
        if self.alias is None:
            raise RegistryError(f"{name}@{alias} is not registered")
        return self.alias

    def download(self, name: str, version: str, into: Path) -> Path:
        self.downloads += 1
        shutil.copytree(self.versions[version], into, dirs_exist_ok=True)
        return into

    def publish(self, version: str, folder: Path) -> None:
        self.versions[version] = folder
        self.alias = version


@pytest.fixture
def store(saved: Path) -> Store:
    store = Store()
    store.publish("1", saved)
    return store


@pytest.fixture
def source(store: Store, tmp_path: Path) -> RegistrySource:
    return RegistrySource("digits", "sqlite://", tmp_path / "cache", connect=lambda uri: store)


def unreachable(uri: str) -> Store:
    raise ConnectionError(f"{uri}: refused")


def restarted_without_registry(source: RegistrySource) -> RegistrySource:
    return RegistrySource(source.name, source.tracking_uri, source.cache, connect=unreachable)


def test_a_folder(saved: Path) -> None:
    assert FolderSource("m", saved).fetch() == SavedModel("1", saved)


def test_a_folder_that_was_altered(save_model: SaveModel) -> None:
    folder = save_model()
    (folder / GRAPH).write_bytes(b"other")
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        FolderSource("m", folder).fetch()


def test_sources_cross_process_borders(tmp_path: Path) -> None:
    for source in (FolderSource("m", tmp_path), RegistrySource("m", "uri", tmp_path)):
        assert pickle.loads(pickle.dumps(source)) == source


def test_relative_paths_are_those_of_whoever_named_them(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(saved.parent)
    source = FolderSource("m", Path(saved.name))
    registry = RegistrySource("m", "uri", Path("cache"))
    monkeypatch.chdir(tmp_path)
    assert source.fetch().folder == saved
    assert registry.cache == saved.parent / "cache"


def test_the_aliased_version_is_downloaded_once(source: RegistrySource, store: Store) -> None:
    first = source.fetch()
    assert first.version == "1"
    assert manifest.read(first.folder)
    assert source.fetch() == first
    assert store.downloads == 1


def test_a_new_version_takes_over(
    source: RegistrySource, store: Store, save_model: SaveModel
) -> None:
    source.fetch()
    store.publish("2", save_model(gain=8.0))
    assert source.fetch().version == "2"
    assert restarted_without_registry(source).fetch().version == "2"


def test_a_restart_needs_no_registry(
    source: RegistrySource, caplog: pytest.LogCaptureFixture
) -> None:
    kept = source.fetch()
    with caplog.at_level(logging.WARNING):
        assert restarted_without_registry(source).fetch() == kept
    assert "serving kept version 1: sqlite://: refused" in caplog.text


def test_a_broken_new_version_leaves_the_last_good_one(
    source: RegistrySource, store: Store, save_model: SaveModel
) -> None:
    source.fetch()
    broken = save_model()
    (broken / GRAPH).write_bytes(b"other")
    store.publish("2", broken)
    assert source.fetch().version == "1"


def test_a_kept_copy_that_was_altered_is_fetched_again(
    source: RegistrySource, store: Store
) -> None:
    kept = source.fetch()
    (kept.folder / GRAPH).write_bytes(b"other")
    assert manifest.read(source.fetch().folder)
    assert store.downloads == 2


def test_no_registry_and_an_altered_copy(source: RegistrySource) -> None:
    kept = source.fetch()
    (kept.folder / GRAPH).write_bytes(b"other")
    with pytest.raises(ConnectionError):
        restarted_without_registry(source).fetch()


def test_nothing_registered_and_nothing_kept(source: RegistrySource, store: Store) -> None:
    store.alias = None
    with pytest.raises(RegistryError, match="digits@champion is not registered"):
        source.fetch()
