from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from search import disk
from secateur.errors import DiskError


def test_space_is_that_of_the_nearest_folder_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In blocks of 4,096 bytes that are for everybody: 500,000 of them are 2.048 GB."""
    disks = {tmp_path: SimpleNamespace(f_bavail=500_000, f_bfree=900_000, f_frsize=4096)}
    monkeypatch.setattr(os, "statvfs", disks.__getitem__)
    assert disk.free(tmp_path / "not" / "yet") == 2.048


def test_a_disk_with_less_than_asked_for_is_refused(tmp_path: Path) -> None:
    disk.check(tmp_path, 0)
    with pytest.raises(DiskError, match=r"limits\.disk_gb: .* expected 1e\+09 or more: make room"):
        disk.check(tmp_path, 10**9)
