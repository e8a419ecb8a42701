from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, MANIFEST
from serving.cache import VersionCache

SaveModel = Callable[..., Path]


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


def test_notes(cache: VersionCache, saved: Path) -> None:
    assert cache.noted("champion") is None
    for version in ("1", "2"):
        cache.add(version, None, partial(shutil.copytree, saved))
        cache.note("champion", version)
    assert cache.noted("champion") == cache.folder / "2"
    assert cache.noted("challenger") is None
    (cache.folder / "2" / GRAPH).write_bytes(b"other")
    assert cache.noted("champion") is None
