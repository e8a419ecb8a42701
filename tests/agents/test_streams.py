from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
import ray

from agents.streams import Start, interleave
from agents.watched import watched
from secateur.errors import LossError, StageError
from secateur.spec import LimitsSpec

pytestmark = pytest.mark.usefixtures("ray_session")

PATIENCE_S = 3


def streams(
    *lengths: int, fails_at: int | None = None, seats: list[str] | None = None
) -> Iterator[tuple[str, Start]]:
    # Defined in here, so that workers get it by value: they cannot import test folders.
    @ray.remote(num_cpus=0, max_retries=0)
    def count(length: int) -> Iterator[int]:
        for number in range(length):
            if number == fails_at:
                raise ValueError("at the third")
            yield number

    def start(name: str, length: int, held: ExitStack) -> ray.ObjectRefGenerator:
        if seats is not None:
            seats.append(f"{name} sits")
            held.callback(seats.append, f"{name} leaves")
        return count.options(num_returns="streaming").remote(length)

    for place, length in enumerate(lengths):
        yield (name := f"stream {place}"), partial(start, name, length)


def test_all_results_arrive_each_stream_in_its_order() -> None:
    arrived = list(interleave(streams(3, 0, 2)))
    assert sorted(arrived) == [("stream 0", n) for n in range(3)] + [
        ("stream 2", n) for n in range(2)
    ]
    assert [number for key, number in arrived if key == "stream 0"] == [0, 1, 2]


def test_an_error_in_a_worker_is_raised_here() -> None:
    seats: list[str] = []
    reader = interleave(streams(4, fails_at=2, seats=seats))
    assert next(reader) == ("stream 0", 0)
    assert next(reader) == ("stream 0", 1)
    assert seats == ["stream 0 sits"]
    with pytest.raises(
        StageError,
        match=r"^stream 0: ValueError: at the third; the same command goes on from here$",
    ):
        next(reader)
    assert seats == ["stream 0 sits", "stream 0 leaves"]


def test_streams_wait_for_their_turn_and_leave_what_they_held() -> None:
    seats: list[str] = []
    arrived = list(interleave(streams(2, 1, 2, seats=seats), at_once=1))
    # One at a time: each stream whole before the next.
    assert arrived == [
        (f"stream {place}", n) for place, n in ((0, 0), (0, 1), (1, 0), (2, 0), (2, 1))
    ]
    assert seats == [f"stream {place} {does}" for place in range(3) for does in ("sits", "leaves")]


def test_a_reader_that_stops_early_leaves_what_was_held() -> None:
    seats: list[str] = []
    reader = interleave(streams(5, 5, 5, seats=seats), at_once=2)
    next(reader)
    reader.close()
    assert sorted(seats) == [
        f"stream {place} {does}" for place in (0, 1) for does in ("leaves", "sits")
    ]


def hanging(file: Path, times: int) -> Start:
    """Counts to four; hangs before the third in as many of its processes as it is told."""

    def count() -> Iterator[int]:
        for number in range(4):
            if number == 2:
                with file.open("a") as marks:
                    marks.write(".")
                if len(file.read_text()) <= times:
                    threading.Event().wait()
            yield number

    task = ray.remote(num_cpus=0, num_returns="streaming", max_retries=0)(watched(count))
    return lambda _: task.remote(LimitsSpec())


def test_a_stream_that_hangs_is_begun_again_and_says_nothing_twice(tmp_path: Path) -> None:
    arrived = list(interleave([("a", hanging(tmp_path / "marks", 1))], silence=PATIENCE_S))
    assert arrived == [("a", number) for number in range(4)]


def test_a_stream_that_hangs_twice_is_an_error(tmp_path: Path) -> None:
    reader = interleave(
        [("a", hanging(tmp_path / "marks", 2))], silence=PATIENCE_S, called="stream {}".format
    )
    assert [next(reader) for _ in range(2)] == [("a", 0), ("a", 1)]
    with pytest.raises(StageError, match=r"^stream a: reported nothing .*\(3\), twice"):
        next(reader)


def test_what_a_task_raises_on_purpose_is_raised_as_it_is() -> None:
    @ray.remote(num_cpus=0, num_returns="streaming", max_retries=0)
    def refuse() -> Iterator[int]:
        raise LossError("not here")
        yield 0

    with pytest.raises(LossError, match=r"^not here$"):
        list(interleave([("a", lambda _: refuse.remote())]))
