from __future__ import annotations

import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import fs

from search.whole_files import WholeFile, whole_files


@contextmanager
def largest(size: int) -> Iterator[None]:
    """No file of this process grows beyond, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_takes_its_place_when_it_is_closed(tmp_path: Path) -> None:
    place = tmp_path / "state.json"
    place.write_text("before")
    with WholeFile(place) as file:
        assert file.write(b"after") == 5
        assert place.read_text() == "before"
    assert place.read_text() == "after"
    assert list(tmp_path.iterdir()) == [place]


def test_a_write_that_failed_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "state.json"
    place.write_text("before")
    file = WholeFile(place)
    with largest(10_000):
        file.write(b"x" * 6_000)
        with pytest.raises(OSError, match="File too large"):
            file.write(b"x" * 6_000)
    file.close()
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]


def test_folders_are_copied_over_as_tune_does(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "below").mkdir(parents=True)
    (source / "below" / "weights").write_bytes(b"0123" * 100_000)
    # Workers get the file system pickled.
    files = pickle.loads(pickle.dumps(whole_files()))
    for _ in range(2):
        fs.copy_files(str(source), str(target), destination_filesystem=files)
    found = [path.relative_to(target) for path in target.rglob("*") if path.is_file()]
    assert found == [Path("below/weights")]
    assert (target / "below" / "weights").read_bytes() == b"0123" * 100_000
    with files.open_input_stream(str(target / "below" / "weights")) as stream:
        assert stream.read(4) == b"0123"


def test_a_copy_that_does_not_fit_leaves_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 50_000)
    target.write_bytes(b"before")
    with largest(20_000), pytest.raises(OSError, match="File too large"):
        fs.copy_files(str(source), str(target), destination_filesystem=whole_files())
    assert target.read_bytes() == b"before"
