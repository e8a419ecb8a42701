from __future__ import annotations

from pathlib import Path

import pytest

from secateur.scratch import scratch, whole


def test_scratch_is_beside_the_file_and_new_each_time(tmp_path: Path) -> None:
    one, other = scratch(tmp_path / "weights"), scratch(tmp_path / "weights")
    assert one.parent == other.parent == tmp_path
    assert one != other
    assert one.name.startswith(".weights-")


def test_a_file_takes_the_place_of_an_older_one_when_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_text("old")
    with whole(file) as partial:
        partial.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_nothing_is_left_of_a_file_that_was_not_finished(
    tmp_path: Path, error: type[BaseException]
) -> None:
    file = tmp_path / "weights"
    file.write_text("old")

    def fails() -> None:
        with whole(file) as partial:
            partial.write_text("ne")
            raise error

    with pytest.raises(error):
        fails()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
