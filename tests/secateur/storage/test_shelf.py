from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem

from secateur.storage import objects
from secateur.storage.shelf import Shelf

WHOLE = {name: name for name in ("models/dense/weights", "search.json", "log.jsonl")}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's folder with a record, a model, a log, and files that are being written."""
    folder = tmp_path / "home" / "job"
    for name in WHOLE:
        put(folder / name, name)
    for name in (".lock", ".search.json", "partial-17/weights", "models/x.partial"):
        put(folder / name, "half-written")
    # A second apart: some systems tell times of a few milliseconds alone.
    for second, name in enumerate(WHOLE, start=1):
        os.utime(folder / name, (second, second))
    return folder


def at_a_look(
    monkeypatch: pytest.MonkeyPatch, at: Path, before: Callable[[], None], after: Callable[[], None]
) -> None:
    """Let things happen right before and right after each listing of one folder."""
    listed = os.scandir

    def scandir(path: int | str | Path = ".") -> Iterator[os.DirEntry[str]]:
        if isinstance(path, int) or Path(path) != at:
            return listed(path)
        before()
        entries = listed(path)
        after()
        return entries

    monkeypatch.setattr(os, "scandir", scandir)


def nothing() -> None:
    """Happens."""


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def shelf(copy: Path, folder: Path, *only: str, never: tuple[str, ...] = ()) -> Shelf:
    return Shelf(LocalFileSystem(), str(copy), folder, only or ("*",), never)


def test_what_is_whole_is_kept(copy: Path, folder: Path) -> None:
    assert shelf(copy, folder).keep() == len(WHOLE)
    assert tree(copy) == WHOLE


def test_a_file_is_sent_again_where_it_changed_alone(copy: Path, folder: Path) -> None:
    own = shelf(copy, folder)
    own.keep()
    assert own.keep() == 0
    put(folder / "log.jsonl", "longer than it was")
    put(folder / "prune.json", "new")
    assert own.keep() == 2
    assert tree(copy) == WHOLE | {"log.jsonl": "longer than it was", "prune.json": "new"}


def test_what_is_removed_here_is_removed_there(copy: Path, folder: Path) -> None:
    own = shelf(copy, folder)
    put(copy / "agents/of-another", "kept by its own")
    own.keep()
    (folder / "log.jsonl").unlink()
    own.keep()
    assert set(tree(copy)) == {"models/dense/weights", "search.json", "agents/of-another"}


def test_an_empty_folder_becomes_the_copy(copy: Path, folder: Path, tmp_path: Path) -> None:
    shelf(copy, folder).keep()
    elsewhere = tmp_path / "elsewhere"
    own = shelf(copy, elsewhere)
    assert own.fetch()
    assert tree(elsewhere) == WHOLE
    assert own.keep() == 0, "what was fetched need not be sent"


def test_a_folder_that_is_behind_becomes_the_copy(copy: Path, folder: Path, tmp_path: Path) -> None:
    shelf(copy, folder).keep()
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere / "search.json", "older")
    put(elsewhere / "obsolete.json", "older")
    put(elsewhere / ".lock", "held")
    shelf(copy, elsewhere).fetch()
    assert tree(elsewhere) == WHOLE | {".lock": "held"}


def test_without_a_copy_a_folder_stays(copy: Path, folder: Path) -> None:
    before = tree(folder)
    assert not shelf(copy, folder).fetch()
    assert tree(folder) == before


def test_what_is_not_its_own_is_left_alone(copy: Path, folder: Path) -> None:
    put(copy / "tune/state", "by Tune")
    put(folder / "tune/state", "here")
    own = shelf(copy, folder, never=("tune/*",))
    own.keep()
    own.fetch()
    own.clear()
    assert tree(copy) == {"tune/state": "by Tune"}
    assert tree(folder)["tune/state"] == "here"


def test_a_part_of_a_folder_can_be_kept(copy: Path, folder: Path) -> None:
    shelf(copy, folder, "models/dense/*", "log.jsonl").keep()
    assert set(tree(copy)) == {"models/dense/weights", "log.jsonl"}


def test_a_record_never_comes_before_what_it_speaks_of(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever sending ends, and whatever is written meanwhile: no record without its files."""
    written = objects.write
    sent: list[str] = []

    def write(files: LocalFileSystem, path: str, content: bytes) -> None:
        if not sent:  # the first file is on its way: the job ends its next stage
            put(folder / "models/pruned/weights", "pruned")
            put(folder / "search.json", "a later record")
        sent.append(path.removeprefix(f"{copy}/"))
        written(files, path, content)

    monkeypatch.setattr(objects, "write", write)
    shelf(copy, folder).keep()
    assert sent == ["models/dense/weights", "log.jsonl", "search.json"]
    assert tree(copy)["search.json"] == "search.json", "as it was before its files were read"


def test_a_record_that_is_written_during_the_look_waits_for_the_next(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it speaks of lies where the look has been already."""

    def end_of_a_stage() -> None:
        put(folder / "agents/weights", "of an agent")
        put(folder / "search.json", "a later record")

    at_a_look(monkeypatch, folder / "models/dense", nothing, end_of_a_stage)
    (folder / "agents").mkdir()
    own = shelf(copy, folder)
    own.keep()
    assert tree(copy)["search.json"] == "search.json"
    own.keep()
    assert tree(copy) == WHOLE | {
        "search.json": "a later record",
        "agents/weights": "of an agent",
    }


def test_a_folder_that_vanishes_during_the_look_does_no_harm(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = folder / "models/dense"
    at_a_look(monkeypatch, gone, lambda: shutil.rmtree(gone, ignore_errors=True), nothing)
    shelf(copy, folder).keep()
    assert set(tree(copy)) == {"search.json", "log.jsonl"}


def test_what_cannot_be_looked_at_is_not_taken_for_removed(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = shelf(copy, folder)
    own.keep()

    def too_many_open_files() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    at_a_look(monkeypatch, folder / "models/dense", too_many_open_files, nothing)
    with pytest.raises(OSError, match="Too many open files"):
        own.keep()
    monkeypatch.undo()
    assert tree(copy) == WHOLE


def test_what_is_removed_there_already_does_no_harm(copy: Path, folder: Path) -> None:
    own = shelf(copy, folder)
    own.keep()
    for place in (copy, folder):
        (place / "log.jsonl").unlink()
    own.keep()
    assert set(tree(copy)) == {"models/dense/weights", "search.json"}


def test_what_another_removed_is_gone_after_a_fetch(copy: Path, folder: Path) -> None:
    own = shelf(copy, folder)
    own.keep()
    (copy / "log.jsonl").unlink()
    own.fetch()
    assert own.keep() == 0
    assert "log.jsonl" not in tree(folder)


def test_files_that_vanish_meanwhile_do_no_harm(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = objects.write

    def write(files: LocalFileSystem, path: str, content: bytes) -> None:
        (folder / "log.jsonl").unlink(missing_ok=True)
        written(files, path, content)

    monkeypatch.setattr(objects, "write", write)
    shelf(copy, folder).keep()
    assert set(tree(copy)) == {"models/dense/weights", "search.json"}


def test_what_was_sent_before_it_failed_is_not_sent_again(
    copy: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, written = shelf(copy, folder), objects.write

    def write(files: LocalFileSystem, path: str, content: bytes) -> None:
        if path.endswith("log.jsonl"):
            raise OSError("away")
        written(files, path, content)

    monkeypatch.setattr(objects, "write", write)
    with pytest.raises(OSError, match="away"):
        own.keep()
    assert set(tree(copy)) == {"models/dense/weights"}
    monkeypatch.setattr(objects, "write", written)
    own.keep()
    assert tree(copy) == WHOLE
