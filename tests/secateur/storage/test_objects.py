from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow.fs import FileInfo, FileSelector, LocalFileSystem

from secateur.storage import objects


class Racing:
    """A file system where a folder comes or goes during the first so many looks at it."""

    def __init__(self, races: int) -> None:
        self.races = races

    def get_file_info(self, selector: FileSelector) -> list[FileInfo]:
        self.races -= 1
        if self.races >= 0:
            raise FileNotFoundError(f"Cannot list directory '{selector.base_dir}'")
        entries: list[FileInfo] = LocalFileSystem().get_file_info(selector)
        return entries


def test_nothing_lies_below_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert objects.listing(LocalFileSystem(), str(tmp_path / "none")) == []


def test_a_folder_that_appears_during_the_look_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    files = Racing(2)
    assert [entry.base_name for entry in objects.listing(files, str(tmp_path))] == ["a"]
    entries = objects.listing(Racing(1), str(tmp_path), recursive=True)
    assert sorted(entry.base_name for entry in entries) == ["a", "b"]


def test_a_folder_that_is_never_whole_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Cannot list directory"):
        objects.listing(Racing(3), str(tmp_path))
