"""What a client that follows a log is told, look after look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serving.gateway.logs import Position, Stream
from tests.serving.gateway.conftest import Clock
from tests.serving.gateway.test_turns import entry

RUNS = replace(entry(1, "red"), phase="running", placed=True)
DONE = replace(RUNS, phase="succeeded")


def told(stream: Stream, job: object, *lines: str) -> list[str]:
    return [event.decode() for event in stream.told(job, list(lines))]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream(clock: Clock) -> Stream:
    return Stream(Position(), 600, clock)


def test_the_last_line_may_still_grow(stream: Stream) -> None:
    """It is told once it has not grown between two looks, or another line follows."""
    assert told(stream, RUNS, "one", "tw") == ["id: 1:1\ndata: one\n\n"]
    assert told(stream, RUNS, "one", "two") == []
    assert told(stream, RUNS, "one", "two") == ["id: 1:2\ndata: two\n\n"]
    assert told(stream, RUNS, "one", "two") == []
    assert told(stream, DONE, "one", "two", "three") == [
        "id: 1:3\ndata: three\n\n",
        "event: succeeded\ndata: \n\n",
    ]
    assert stream.over


def test_a_resumed_job_has_a_log_of_its_own(stream: Stream) -> None:
    told(stream, RUNS, "one", "two", "three")
    again = replace(RUNS, turn=2)
    assert told(stream, again, "one", "two") == ["id: 2:1\ndata: one\n\n"]


def test_a_line_with_breaks_in_it(stream: Stream) -> None:
    """A progress bar's carriage returns would end the line of an event."""
    (event, _) = told(stream, DONE, "10 %\r20 %", "")
    assert event == "id: 1:2\ndata: 10 %\ndata: 20 %\ndata: \n\n"


def test_silence_is_broken_and_a_long_stream_pauses(stream: Stream, clock: Clock) -> None:
    assert told(stream, RUNS) == []
    clock.now += 11
    assert told(stream, RUNS) == [":\n\n"]
    assert told(stream, RUNS) == []
    clock.now += 600
    assert told(stream, RUNS) == ["event: pause\ndata: ask again from here\n\n"]
    assert stream.over


def test_a_log_that_cannot_be_read_for_a_moment(stream: Stream) -> None:
    told(stream, RUNS, "one", "two")
    assert list(stream.told(RUNS, None)) == []
    assert told(stream, RUNS, "one", "two", "three") == ["id: 1:2\ndata: two\n\n"]


def test_a_log_that_cannot_be_read_when_its_job_has_ended(stream: Stream) -> None:
    """A client that has heard of the end asks no more: what was printed last comes before."""
    told(stream, RUNS, "one", "two")
    assert list(stream.told(DONE, None)) == []
    assert not stream.over
    assert told(stream, DONE, "one", "two", "three") == [
        "id: 1:3\ndata: two\ndata: three\n\n",
        "event: succeeded\ndata: \n\n",
    ]
    assert stream.over
