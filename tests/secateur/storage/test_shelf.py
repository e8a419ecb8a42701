from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem

from secateur.storage import objects
from secateur.storage.shelf import Shelf


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's folder with a record, a model, a log, and files that are being written."""
    folder = tmp_path / "home" / "job"
    for name in ("models/dense/weights", "search.json", "log.jsonl"):
        put(folder / name, name)
    for name in (".lock", ".search.json", "partial-17/weights", "models/x.partial"):
        put(folder / name, "half-written")
    return folder


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def shelf(copy: Path, folder: Path, *only: str, never: tuple[str, ...] = ()) -> Shelf:
    return Shelf(LocalFileSystem(), str(copy), folder, only or ("*",), never)


WHOLE = {name: name for name in ("models/dense/weights", "search.json", "log.jsonl")}


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
