from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack
from functools import partial
from math import inf
from pathlib import Path
from typing import TypeVar

import pytest
import ray

from agents import waiting
from agents.resources import Need
from agents.silence import Silence
from agents.streams import Start, interleave
from agents.waiting import Waiting
from agents.watched import watched
from secateur.errors import LossError, StageError
from secateur.spec import LimitsSpec

pytestmark = pytest.mark.usefixtures("ray_session")

PATIENCE_S = 3

K = TypeVar("K", bound=Hashable)


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


def test_work_may_yield_from_a_list() -> None:
    def told() -> Iterator[int]:
        yield from [1, 2, 3]

    task = ray.remote(num_cpus=0, num_returns="streaming", max_retries=0)(watched(told))
    arrived = interleave([("a", lambda _: task.remote(LimitsSpec()))])
    assert list(arrived) == [("a", number) for number in (1, 2, 3)]


class Hanging:
    """Counts to four; hangs before the third in as many of its processes as it is told."""

    def __init__(self, file: Path, times: int) -> None:
        def count() -> Iterator[int]:
            for number in range(4):
                if number == 2:
                    with file.open("a") as marks:
                        marks.write(".")
                    if len(file.read_text()) <= times:
                        threading.Event().wait()
                yield number

        self._task = ray.remote(num_cpus=0, num_returns="streaming", max_retries=0)(watched(count))
        self._file, self._times, self._begun = file, times, 0
        self._seconds, self._hung_at = 0.0, inf

    def __call__(self, _held: ExitStack) -> ray.ObjectRefGenerator:
        """Start a process."""
        self._begun += 1
        return self._task.remote(LimitsSpec())

    def clock(self) -> float:
        """Seconds for which a process was seen to hang; that one is slow does not count."""
        now, hangs = time.monotonic(), self._hangs()
        self._seconds += max(0.0, now - self._hung_at)
        self._hung_at = now if hangs else inf
        return self._seconds

    def _hangs(self) -> bool:
        marks = len(self._file.read_text()) if self._file.exists() else 0
        return marks == self._begun and marks <= self._times


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Hanging]:
    """Streams that hang so often, and silence that is told by their clock."""

    def begin(times: int) -> Hanging:
        start = Hanging(tmp_path / "marks", times)

        class ByItsClock(Silence[K]):
            def __init__(self, longest: float) -> None:
                super().__init__(longest, start.clock)

        monkeypatch.setattr("agents.streams.Silence", ByItsClock)
        return start

    return begin


def test_a_stream_that_hangs_is_begun_again_and_says_nothing_twice(
    hanging: Callable[[int], Hanging],
) -> None:
    arrived = list(interleave([("a", hanging(1))], silence=1))
    assert arrived == [("a", number) for number in range(4)]


def test_a_stream_that_hangs_twice_is_an_error(hanging: Callable[[int], Hanging]) -> None:
    reader = interleave([("a", hanging(2))], silence=1, called="stream {}".format)
    assert [next(reader) for _ in range(2)] == [("a", 0), ("a", 1)]
    with pytest.raises(StageError, match=r"^stream a: reported nothing .*\(1\), twice"):
        next(reader)


def test_what_a_task_raises_on_purpose_is_raised_as_it_is() -> None:
    @ray.remote(num_cpus=0, num_returns="streaming", max_retries=0)
    def refuse() -> Iterator[int]:
        raise LossError("not here")
        yield 0

    with pytest.raises(LossError, match=r"^not here$"):
        list(interleave([("a", lambda _: refuse.remote())]))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is told at once."""
    monkeypatch.setattr(waiting, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.2)


@pytest.mark.usefixtures("hasty")
def test_streams_for_which_there_is_no_worker_say_so_and_say_when_they_go_on() -> None:
    @ray.remote(num_cpus=1)
    class Other:
        """Holds one of the three CPUs that the stream asks for."""

        def sits(self) -> bool:
            return True

    def count() -> Iterator[int]:
        yield 1

    def tell(line: str) -> None:
        lines.append(line)
        if "waits" in line:
            ray.kill(other)

    other, lines = Other.remote(), list[str]()
    assert ray.get(other.sits.remote())
    task = ray.remote(num_cpus=3, num_returns="streaming", max_retries=0)(watched(count))
    arrived = interleave(
        [("a", lambda _: task.remote(LimitsSpec()))], waits=Waiting("prune", Need(3), tell)
    )
    assert list(arrived) == [("a", 1)]
    assert lines == ["prune: waits for a worker with 3 CPUs", "prune: goes on"]


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_no_stream_hangs_while_there_is_no_node_for_it(tmp_path: Path) -> None:
    marks, begun, lines = tmp_path / "marks", list[str](), list[str]()

    def room(_: Need) -> bool:
        # There is none for twice the patience after the stream has stopped to answer.
        if marks.exists():
            begun.append(marks.read_text())
        return len(begun) * waiting.LOOK_EVERY_S > 2 * PATIENCE_S

    waits = Waiting("prune", Need(), lines.append, room)
    arrived = list(interleave([("a", Hanging(marks, 1))], silence=PATIENCE_S, waits=waits))
    assert arrived == [("a", number) for number in range(4)]
    assert lines[:2] == ["prune: waits for 1 CPU, which no node has", "prune: goes on"]
    # Begun again only after there was a node, and the patience spent then.
    without = int(2 * PATIENCE_S / waiting.LOOK_EVERY_S)
    assert set(begun[:without]) == {"."}
    assert marks.read_text() == ".."
