from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, MANIFEST
from serving.cache import VersionCache
from tests.serving.kinds import SaveModel


@pytest.fixture
def cache(tmp_path: Path) -> VersionCache:
    return VersionCache(tmp_path / "digits")


def test_what_was_added_is_found(cache: VersionCache, saved: Path) -> None:
    assert cache.find("1") is None
    folder = cache.add("1", None, partial(shutil.copytree, saved))
    assert cache.find("1") == folder == cache.folder / "1"
    assert manifest.read(folder) == manifest.read(saved)
    assert [path.name for path in cache.folder.iterdir()] == ["1"]  # no leftovers


def test_a_sound_copy_of_something_else(
    cache: VersionCache, saved: Path, save_model: SaveModel
) -> None:
    """As where a registry was made anew, and counts its versions from 1 again."""
    cache.add("1", None, partial(shutil.copytree, saved))
    other = save_model(gain=8.0)
    seal = manifest.digest(other / MANIFEST)
    assert cache.find("1", seal) is None
    cache.add("1", seal, partial(shutil.copytree, other))
    assert cache.find("1", seal) is not None


def test_a_broken_download_leaves_what_is_there(cache: VersionCache, saved: Path) -> None:
    def broken(into: Path) -> None:
        shutil.copytree(saved, into)
        (into / GRAPH).write_bytes(b"other")

    cache.add("1", None, partial(shutil.copytree, saved))
    for version in ("1", "2"):
        with pytest.raises(ArtifactError, match="SHA-256 differs"):
            cache.add(version, None, broken)
    with pytest.raises(ArtifactError, match="SHA-256 differs from the registry's 00"):
        cache.add("1", "00", partial(shutil.copytree, saved))
    assert [path.name for path in cache.folder.iterdir()] == ["1"]
    assert cache.find("1")


def test_a_copy_that_was_altered_is_replaced(cache: VersionCache, saved: Path) -> None:
    folder = cache.add("1", None, partial(shutil.copytree, saved))
    (folder / GRAPH).write_bytes(b"other")
    assert cache.find("1") is None
    assert cache.add("1", None, partial(shutil.copytree, saved)) == cache.find("1")


@pytest.mark.parametrize("altered", [False, True])
def test_several_processes_bring_one_version_at_once(
    cache: VersionCache, saved: Path, altered: bool
) -> None:
    if altered:
        (cache.folder / "1").mkdir(parents=True)
        (cache.folder / "1" / MANIFEST).write_text("{")
    together = threading.Barrier(4)

    def download(into: Path) -> None:
        shutil.copytree(saved, into)
        together.wait(timeout=30)  # all have their copy before any puts it in place

    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: cache.add("1", None, download), range(4)))
    assert folders == [cache.find("1")] * 4
    assert [path.name for path in cache.folder.iterdir()] == ["1"]


def test_a_disk_that_does_not_take_a_version_is_told(
    cache: VersionCache, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not tried again for ever, as where another version is in the way."""

    def full(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        cache.add("1", None, partial(shutil.copytree, saved))
    assert list(cache.folder.iterdir()) == []


def test_notes(cache: VersionCache, saved: Path) -> None:
    assert cache.noted("champion") is None
    for version in ("1", "2"):
        cache.add(version, None, partial(shutil.copytree, saved))
        cache.note("champion", version)
    assert cache.noted("champion") == cache.folder / "2"
    assert cache.noted("challenger") is None
    (cache.folder / "2" / GRAPH).write_bytes(b"other")
    assert cache.noted("champion") is None
    cache.forget("champion")
    cache.forget("champion")
    assert [path.name for path in sorted(cache.folder.iterdir())] == ["1", "2"]


def test_old_versions_go(cache: VersionCache, saved: Path) -> None:
    """Not what an alias names, here version 1, nor the three that were noted last."""
    seconds = count(1_000)

    def note(version: str, alias: str = "champion") -> None:
        cache.add(version, None, partial(shutil.copytree, saved))
        cache.note(alias, version)
        os.utime(cache.folder / version, (next(seconds),) * 2)

    note("1", "challenger")
    for version in ("2", "3", "4", "2", "5"):
        note(version)
    assert {path.name for path in cache.folder.iterdir() if path.is_dir()} == {"1", "4", "2", "5"}
    assert cache.noted("champion") == cache.folder / "5"
    assert cache.noted("challenger") == cache.folder / "1"


def test_what_killed_processes_left_goes_after_a_day(cache: VersionCache, saved: Path) -> None:
    for name, hours in ((".old", 25), (".new", 23)):
        (cache.folder / name / "model").mkdir(parents=True)
        os.utime(cache.folder / name, (time.time() - 3600 * hours,) * 2)
    cache.add("1", None, partial(shutil.copytree, saved))
    cache.note("champion", "1")
    assert sorted(path.name for path in cache.folder.iterdir()) == [".new", "1", "champion"]


def test_a_disk_that_lets_nothing_go(
    cache: VersionCache, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was noted is noted all the same."""

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    cache.add("1", None, partial(shutil.copytree, saved))
    monkeypatch.setattr(os, "scandir", refuse)
    cache.note("champion", "1")
    assert cache.noted("champion") == cache.folder / "1"
