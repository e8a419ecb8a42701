from __future__ import annotations

from pathlib import Path

from secateur.scratch import scratch


def test_scratch_is_beside_the_file_and_new_each_time(tmp_path: Path) -> None:
    one, other = scratch(tmp_path / "weights"), scratch(tmp_path / "weights")
    assert one.parent == other.parent == tmp_path
    assert one != other
    assert one.name.startswith(".weights-")
