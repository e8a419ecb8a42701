"""The dispatcher's own thread: when it looks, and what it says of itself."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from serving.gateway import dispatcher
from serving.jobs.records import JobState, Submission
from tests.serving.gateway.conftest import Settings, World
from tests.serving.jobs.fake import FakeCluster

HANG_S = 120.0  # a test that would wait so long has failed


class Telling(FakeCluster):
    """Tells when it is asked how its jobs stand, and when it is handed one."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.handed = threading.Event(), threading.Event()

    def jobs(self) -> tuple[JobState, ...]:
        self.asked.set()
        return super().jobs()

    def submit(self, submission: Submission) -> JobState:
        self.handed.set()
        return super().submit(submission)


def test_the_dispatcher_looks_by_itself_and_when_it_is_woken(settings: Settings) -> None:
    """A job moves on although nobody calls for a turn, long before the next look is due."""
    cluster = Telling()
    world = World(settings(poll_seconds=60), cluster)
    assert not world.dispatcher.alive
    world.dispatcher.start()
    assert cluster.asked.wait(HANG_S)
    world.queue("one", "a")
    world.dispatcher.wake()
    assert cluster.handed.wait(HANG_S)
    assert world.dispatcher.alive
    world.dispatcher.stop()
    assert not world.dispatcher.alive
    assert (world.dispatcher.complaint, world.phases()) == ("", {"red.a": "pending"})
    world.close()


def test_what_nobody_foresaw_is_a_complaint_and_no_end(settings: Settings) -> None:
    class Broken(Telling):
        again = threading.Event()

        def jobs(self) -> tuple[JobState, ...]:
            if self.asked.is_set():
                self.again.set()
            self.asked.set()
            raise KeyError("a secret")

    cluster = Broken()
    world = World(settings(poll_seconds=60), cluster)
    world.dispatcher.start()
    assert cluster.asked.wait(HANG_S)
    world.dispatcher.wake()
    assert cluster.again.wait(HANG_S)
    assert world.dispatcher.complaint.startswith("looking after the jobs failed")
    assert "secret" not in world.dispatcher.complaint
    world.dispatcher.stop()
    world.close()


def test_an_answer_that_comes_while_its_lateness_is_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster that has answered meanwhile was late by a second, not since the machine began."""
    answer = threading.Event()

    class Late(Telling):
        def jobs(self) -> tuple[JobState, ...]:
            found = super().jobs()
            assert answer.wait(HANG_S)
            return found

    cluster, began = Late(), time.monotonic()
    world = World(settings(), cluster)
    turn = threading.Thread(target=world.turn)
    turn.start()
    assert cluster.asked.wait(HANG_S)

    def later() -> float:
        answer.set()
        turn.join()
        return began + 1

    monkeypatch.setattr(dispatcher, "time", SimpleNamespace(monotonic=later))
    assert world.dispatcher.complaint == ""
    world.close()
