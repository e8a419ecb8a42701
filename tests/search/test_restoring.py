from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from search import traces
from search.restoring import ATTEMPTS, persistently
from secateur.errors import DiskError, SecateurError, StageError


class Search:
    """Breaks as often as it is told, and ends so many trials each time before."""

    def __init__(self, *breaks: Exception, each: int = 0) -> None:
        self.breaks, self.each = list(breaks), each
        self.ended = self.begun = 0
        self.lines: list[str] = []

    def play(self) -> str:
        self.begun += 1
        self.ended += self.each
        if self.breaks:
            raise self.breaks.pop(0)
        return "whole"

    def persist(self, folder: Path) -> str:
        return persistently(self.play, lambda: self.ended, folder, self.lines.append)


def test_a_search_that_breaks_goes_on_and_says_so(tmp_path: Path) -> None:
    search = Search(RuntimeError("lost"))
    assert search.persist(tmp_path) == "whole"
    assert search.lines == ["search: broke (RuntimeError: lost), goes on from its last snapshot"]
    assert "RuntimeError: lost" in (tmp_path / traces.FILE).read_text()


def test_it_goes_on_as_long_as_trials_end(tmp_path: Path) -> None:
    search = Search(*[RuntimeError("lost")] * 10, each=1)
    assert search.persist(tmp_path) == "whole"
    assert search.begun == 11


def test_it_ends_with_one_line_where_that_leads_nowhere(tmp_path: Path) -> None:
    # Tune hands on tracebacks as text.
    text = "Traceback (most recent call last):\n  File ...\nValueError: a metric is missing"
    search = Search(*[RuntimeError(text)] * ATTEMPTS)
    with pytest.raises(StageError) as raised:
        search.persist(tmp_path)
    assert str(raised.value) == (
        "search: broke 3 times and no trial ended in between: ValueError: a metric is missing; "
        f"see {tmp_path / 'errors.log'}, the same command goes on from here"
    )
    assert search.begun == ATTEMPTS


def chained(cause: Exception) -> Exception:
    error = RuntimeError("cannot unpickle")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        chained(OSError(28, "No space left on device")),
        RuntimeError("Traceback ...\nOSError: [Errno 28] No space left on device: 'x'"),
    ],
)
def test_a_full_disk_is_not_tried_again(tmp_path: Path, error: Exception) -> None:
    search = Search(error)
    with pytest.raises(DiskError, match=f"{tmp_path}: no space left on this disk"):
        search.persist(tmp_path)
    assert search.begun == 1


@pytest.mark.parametrize("error", [StageError("final"), KeyboardInterrupt()])
def test_what_is_final_is_handed_on(tmp_path: Path, error: BaseException) -> None:
    begun: list[int] = []

    def play() -> None:
        begun.append(1)
        raise error

    played: Callable[[], None] = play
    with pytest.raises((SecateurError, KeyboardInterrupt)):
        persistently(played, lambda: 0, tmp_path, lambda _: None)
    assert len(begun) == 1
