from __future__ import annotations

import os
from pathlib import Path

import pytest

from search import disk
from secateur.errors import DiskError


def test_space_is_that_of_the_nearest_folder_there_is(tmp_path: Path) -> None:
    found = os.statvfs(tmp_path)
    expected = found.f_bavail * found.f_frsize / 10**9
    # Others write to this disk too.
    assert disk.free(tmp_path / "not" / "yet") == pytest.approx(expected, abs=1)


def test_a_disk_with_less_than_asked_for_is_refused(tmp_path: Path) -> None:
    disk.check(tmp_path, 0)
    with pytest.raises(DiskError, match=r"limits\.disk_gb: .* expected 1e\+09 or more: make room"):
        disk.check(tmp_path, 10**9)
