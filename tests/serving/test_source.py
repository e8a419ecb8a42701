from __future__ import annotations

import errno
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secateur import manifest
from secateur.errors import ArtifactError, RegistryError
from secateur.manifest import GRAPH
from serving.cache import VersionCache
from serving.catalogue import Catalogue, Open
from serving.source import FolderSource, RegistrySource, SavedModel
from tests.serving.kinds import SaveModel


@pytest.fixture
def load(source: RegistrySource, opened: Open) -> Callable[[], str]:
    """The version of the model that a server with ``source`` starts with."""
    return lambda: Catalogue.load([source], opened).get("brightness").version


def broken(folder: Path) -> Path:
    (folder / GRAPH).write_bytes(b"other")
    return folder


def test_a_folder(saved: Path) -> None:
    source = FolderSource("m", saved, "7")
    assert source.resolve() == "7"
    assert source.fetch("7") == SavedModel("7", saved)
    assert source.kept() is None
    assert source.challenger() is None


def test_a_folder_that_was_altered(save_model: SaveModel, opened: Open) -> None:
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        Catalogue.load([FolderSource("m", broken(save_model()))], opened)


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
    assert source.fetch("1").folder == saved
    assert registry.cache == saved.parent / "cache"


def test_a_version_is_downloaded_once(source: RegistrySource, registry: Any) -> None:
    first = source.fetch(source.resolve())
    assert first.version == "1"
    assert manifest.read(first.folder)
    assert source.fetch("1") == first
    assert registry.downloads == ["1"]


def test_an_alias_that_moves_meanwhile_changes_nothing(
    source: RegistrySource, registry: Any, save_model: SaveModel, saved: Path
) -> None:
    version = source.resolve()
    registry.publish("2", save_model(gain=8.0))
    fetched = source.fetch(version)
    assert fetched.version == "1"
    assert manifest.read(fetched.folder) == manifest.read(saved)


def test_a_registry_that_was_made_anew(
    source: RegistrySource, registry: Any, save_model: SaveModel
) -> None:
    """It counts from 1 again: the copy of the old version 1 is not the new one's."""
    source.fetch("1")
    other = save_model(gain=8.0)
    registry.publish("1", other)
    assert manifest.read(source.fetch("1").folder) == manifest.read(other)


def test_challenger_and_champion_are_noted_apart(source: RegistrySource, registry: Any) -> None:
    registry.publish("2", registry.versions["1"], alias="challenger")
    rival = source.challenger()
    assert rival is not None
    assert (source.resolve(), rival.resolve()) == ("1", "2")
    rival.keep(rival.fetch("2"))
    assert source.kept() is None
    assert rival.kept() == rival.fetch("2")


def test_a_restart_needs_no_registry(
    load: Callable[[], str], registry: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert load() == "1"
    registry.fault = ConnectionError("refused")
    with caplog.at_level(logging.WARNING):
        assert load() == "1"
    assert "serving kept version 1: refused" in caplog.text


def test_a_disk_that_takes_no_note_keeps_no_server_from_its_start(
    load: Callable[[], str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(cache: VersionCache, alias: str, version: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(VersionCache, "note", full)
    assert load() == "1"
    assert "brightness: version 1 is not noted: [Errno 28] No space left" in caplog.text


def test_a_restart_with_a_new_version(
    load: Callable[[], str], registry: Any, save_model: SaveModel
) -> None:
    load()
    registry.publish("2", save_model(gain=8.0))
    assert load() == "2"
    registry.fault = ConnectionError("refused")
    assert load() == "2"


@pytest.mark.parametrize("graph", [b"other", None])
def test_a_restart_with_a_broken_version_starts_with_the_last_good_one(
    load: Callable[[], str], registry: Any, save_model: SaveModel, graph: bytes | None
) -> None:
    """Broken by a digest that differs, or by a graph that does not open."""
    load()
    registry.publish("2", broken(save_model()) if graph else save_model(content=b"no graph"))
    assert load() == "1"
    registry.fault = ConnectionError("refused")
    assert load() == "1"


def test_a_kept_copy_that_was_altered_is_fetched_again(
    load: Callable[[], str], source: RegistrySource, registry: Any
) -> None:
    load()
    broken(source.fetch("1").folder)
    assert load() == "1"
    assert registry.downloads == ["1", "1"]


def test_no_registry_and_an_altered_copy(
    load: Callable[[], str], source: RegistrySource, registry: Any
) -> None:
    load()
    broken(source.fetch("1").folder)
    registry.fault = ConnectionError("refused")
    with pytest.raises(ConnectionError):
        load()


def test_nothing_registered_and_nothing_kept(load: Callable[[], str], registry: Any) -> None:
    registry.aliases.clear()
    with pytest.raises(RegistryError, match="brightness@champion is not registered"):
        load()
