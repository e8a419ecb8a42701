"""From the queue to the cluster and back, with a cluster that does what a test says."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import ClassVar

import pytest

from secateur.errors import ClusterError
from serving.errors import QuotaError
from serving.gateway import dispatcher
from serving.gateway.dispatcher import LOST
from serving.gateway.spec import GatewaySpec
from serving.jobs.records import JobState, Submission
from tests.serving.gateway.conftest import Settings, World, job
from tests.serving.jobs.fake import FakeCluster

HOUR, DAY = 3600.0, 86400.0
HANG_S = 120.0  # a test that would wait so long has failed


def queue(world: World, key: str, *names: str, **more: object) -> None:
    for name in names:
        world.desk.submit(world.member(key), job(name, **more))


def begin(world: World, *names: str) -> None:
    """The jobs' processes run, from now on by the clock of the gateway."""
    for name in names:
        world.cluster._move(name, phase="running", started=world.clock.now)
    world.turn()


def end(world: World, name: str) -> None:
    world.cluster._move(name, phase="succeeded", exit_code=0, ended=world.clock.now)
    world.turn()


def message(world: World, key: str, name: str) -> str:
    return world.views.find(world.member(key), name).message


def test_no_more_at_once_than_the_cluster_and_the_team_may(world: World) -> None:
    """Four in all, two of each team; the rest waits for one to end."""
    queue(world, "one", "a", "b", "c")
    queue(world, "three", "a")
    world.turn()
    names = [submission.name for submission in world.cluster.submissions]
    assert sorted(names) == ["blue.a", "red.a", "red.b"]
    assert world.phases()["red.c"] == "queued"
    begin(world, "red.a")
    end(world, "red.a")
    assert world.phases()["red.c"] == "pending"
    assert len(world.cluster.submissions) == 4


def test_a_cluster_that_is_away_keeps_nobody_waiting(world: World) -> None:
    world.cluster.away = True
    queue(world, "one", "a")
    world.turn()
    assert world.dispatcher.complaint == "the cluster does not answer"
    assert world.phases() == {"red.a": "queued"}
    world.cluster.away = False
    world.turn()
    assert (world.dispatcher.complaint, world.phases()) == ("", {"red.a": "pending"})


def test_a_cluster_that_goes_away_between_question_and_answer(settings: Settings) -> None:
    """It began the job; the gateway does not know, asks again, and finds its token."""

    class Deaf(FakeCluster):
        deaf = True

        def submit(self, submission: Submission) -> JobState:
            state = super().submit(submission)
            if self.deaf:
                self.deaf = False
                # By the time it answers again, the job has failed.
                self.finish(submission.name, 1)
                raise ClusterError("the cluster does not answer")
            return state

    world = World(settings(), Deaf())
    queue(world, "one", "a")
    world.turn()
    assert world.phases() == {"red.a": "pending"}
    world.turn()
    assert world.phases() == {"red.a": "failed"}
    assert len(world.cluster.submissions) == 1
    world.close()


def test_what_the_cluster_does_not_take_keeps_nothing_waiting(settings: Settings) -> None:
    """One job is refused until it is stopped, the other is taken as soon as the cluster can."""

    class Picky(FakeCluster):
        refused: ClassVar = {"red.a", "red.b"}

        def submit(self, submission: Submission) -> JobState:
            if submission.name in self.refused:
                raise ClusterError(f"no room for {submission.name}")
            return super().submit(submission)

    world = World(settings(), Picky())
    queue(world, "one", "a", "b")
    queue(world, "three", "a")
    world.turn()
    assert world.phases() == {"red.a": "pending", "red.b": "pending", "blue.a": "pending"}
    assert [each.name for each in world.cluster.submissions] == ["blue.a"]
    assert message(world, "one", "a") == "no room for red.a"
    assert world.dispatcher.complaint == "no room for red.b"
    world.desk.stop(world.member("one"), "a")
    Picky.refused.clear()
    world.turn()
    assert world.phases() == {"red.a": "stopped", "red.b": "pending", "blue.a": "pending"}
    assert [each.name for each in world.cluster.submissions] == ["blue.a", "red.b"]
    assert (message(world, "one", "b"), world.dispatcher.complaint) == ("", "")
    world.close()


def test_a_job_that_does_not_stop_keeps_nobody_waiting(settings: Settings) -> None:
    """The cluster is told again and again; jobs of others begin meanwhile."""

    class Stubborn(FakeCluster):
        stops = False

        def stop(self, name: str) -> JobState:
            if not self.stops:
                raise ClusterError(f"does not stop '{name}'; try again later")
            return super().stop(name)

    cluster = Stubborn()
    world = World(settings(), cluster)
    queue(world, "one", "a")
    world.turn()
    begin(world, "red.a")
    world.desk.stop(world.member("one"), "a")
    queue(world, "three", "a")
    world.turn()
    assert world.phases() == {"red.a": "running", "blue.a": "pending"}
    assert world.dispatcher.complaint == "does not stop 'red.a'; try again later"
    cluster.stops = True
    world.turn()
    assert world.phases() == {"red.a": "stopped", "blue.a": "pending"}
    assert (message(world, "one", "a"), world.dispatcher.complaint) == ("stopped by anna", "")
    world.close()


def test_a_name_that_is_taken_on_the_cluster(world: World) -> None:
    """By somebody with its token, who needs no gateway."""
    world.cluster.submit(Submission.of(job("red.a", seed=1)))
    queue(world, "one", "a")
    world.turn()
    assert world.phases() == {"red.a": "failed"}
    assert "was submitted with another spec" in message(world, "one", "a")


def test_a_job_that_the_cluster_has_forgotten_can_be_resumed(world: World) -> None:
    queue(world, "one", "a")
    world.turn()
    world.cluster._states.clear()
    world.turn()
    assert (world.phases(), message(world, "one", "a")) == ({"red.a": "failed"}, LOST)
    world.desk.resume(world.member("one"), "a")
    world.turn()
    assert world.phases() == {"red.a": "pending"}


def test_a_job_is_stopped_once(world: World) -> None:
    """The cluster may take a minute to stop it, and is not asked again meanwhile."""
    asked = []
    world.cluster.stop = lambda name: asked.append(name) or world.cluster.find(name)
    queue(world, "one", "a")
    world.turn()
    begin(world, "red.a")
    world.desk.stop(world.member("two"), "a")
    world.turn()
    world.turn()
    assert (asked, message(world, "one", "a")) == (["red.a"], "stopping: stopped by ci")
    # Whoever asks again wants it told again.
    world.desk.stop(world.member("one"), "a")
    world.turn()
    assert asked == ["red.a"] * 2
    world.cluster._move("red.a", phase="stopped", ended=world.clock.now)
    world.turn()
    assert (world.phases(), message(world, "one", "a")) == ({"red.a": "stopped"}, "stopped by ci")


def test_a_restart_reaches_the_cluster_once(world: World) -> None:
    """Stopped before its turn came, it is still to be restarted; resumed later, it is not."""
    queue(world, "one", "a")
    world.turn()
    begin(world, "red.a")
    end(world, "red.a")
    anna = world.member("one")
    world.desk.submit(anna, job("a", seed=1), restart=True)
    world.desk.stop(anna, "a")
    world.desk.resume(anna, "a")
    world.turn()
    assert [each.restart for each in world.cluster.submissions] == [False, True]
    begin(world, "red.a")
    world.cluster.finish("red.a", 1)
    world.turn()
    world.desk.resume(anna, "a")
    world.turn()
    assert [each.restart for each in world.cluster.submissions] == [False, True, False]


def test_hours_are_cpus_times_the_time_that_they_ran(world: World) -> None:
    """Two trials at once reserve 2 CPUs; half an hour, and after a failure 15 minutes more."""
    anna = world.member("one")
    queue(world, "one", "a")
    world.turn()
    world.clock.now += HOUR  # pending costs nothing
    begin(world, "red.a")
    world.clock.now += HOUR / 2
    assert world.views.usage(anna).cpu_hours.used == pytest.approx(1.0)
    world.cluster._move("red.a", phase="failed", exit_code=1, ended=world.clock.now)
    world.turn()
    world.desk.resume(anna, "a")
    world.clock.now += HOUR  # so does the queue
    world.turn()
    begin(world, "red.a")
    world.clock.now += HOUR / 4
    end(world, "red.a")
    world.clock.now += HOUR
    assert world.views.usage(anna).cpu_hours.used == pytest.approx(1.5)
    assert world.views.find(anna, "a").cpu_hours == pytest.approx(1.5)
    assert world.views.usage(world.member("three")).cpu_hours.used == 0


def test_spent_hours_refuse_and_renew(settings: Settings) -> None:
    """1 October at noon; 2 CPUs for an hour are the 2 hours of the month."""
    world = World(settings({"cpu_hours": 2, "jobs_at_once": 1}), FakeCluster())
    queue(world, "one", "a", "b")
    world.turn()
    begin(world, "red.a")
    world.clock.now += HOUR
    with pytest.raises(QuotaError, match=r"0 of the team's 2 CPU hours .* on 2026-11-01") as no:
        queue(world, "one", "c")
    # To midnight in UTC, 31 days less 13 hours.
    assert no.value.headers == {"Retry-After": str(31 * 86400 - 13 * 3600 + 1)}
    # What waits goes on waiting, what runs goes on running.
    end(world, "red.a")
    assert world.phases() == {"red.a": "succeeded", "red.b": "queued"}
    assert "renew on 2026-11-01" in message(world, "one", "b")
    # The same job again asks for nothing, and other teams have hours of their own.
    queue(world, "one", "a")
    queue(world, "three", "a")
    world.clock.now += 31 * 24 * HOUR
    world.turn()
    assert world.phases() == {"red.a": "succeeded", "red.b": "pending", "blue.a": "pending"}
    world.close()


def test_hours_of_gpus_are_for_jobs_that_use_gpus(settings: Settings) -> None:
    world = World(settings({"gpu_hours": 0}), FakeCluster())
    queue(world, "one", "a")
    with pytest.raises(QuotaError, match="GPU hours"):
        queue(world, "one", "b", prune="{gpus: 0.5}")
    world.close()


@pytest.mark.parametrize(("stops", "phase"), [(True, "stopped"), (False, "running")])
def test_a_job_that_overspends(settings: Settings, stops: bool, phase: str) -> None:
    team = {"cpu_hours": 2, "stop_overspent": stops}
    world = World(settings(team), FakeCluster())
    queue(world, "one", "a")
    world.turn()
    begin(world, "red.a")
    world.clock.now += 2 * HOUR
    for _ in range(3):
        world.turn()
    assert world.phases() == {"red.a": phase}
    assert ("hours are left" in message(world, "one", "a")) == stops
    world.close()


def test_no_job_is_charged_for_more_than_the_cluster_has(settings: Settings) -> None:
    world = World(settings(cpus=16), FakeCluster())
    queue(world, "one", "a", search="{parallel: 1000}")
    assert world.views.find(world.member("one"), "a").cpus == 16
    world.close()


def test_a_team_that_is_no_longer_in_the_settings(settings: Settings) -> None:
    """Its jobs wait; those of others do not wait for them."""
    before = World(settings(), FakeCluster())
    queue(before, "one", "a")
    before.close()
    content = settings().model_dump()
    del content["teams"]["red"]
    after = World(GatewaySpec.model_validate(content), FakeCluster())
    queue(after, "three", "a")
    after.turn()
    assert after.phases() == {"red.a": "queued", "blue.a": "pending"}
    after.close()


def test_jobs_that_ended_long_ago_are_forgotten(settings: Settings) -> None:
    """More than 31 days ago here; with them goes the time that they ran."""
    world = World(settings(keep_days=31), FakeCluster())
    queue(world, "one", "a", "b", "c")
    world.turn()
    begin(world, "red.a", "red.b")
    end(world, "red.a")
    world.clock.now += 31 * DAY
    world.turn()
    begin(world, "red.c")
    assert world.phases() == {"red.a": "succeeded", "red.b": "running", "red.c": "running"}
    end(world, "red.c")
    world.clock.now += HOUR
    world.turn()
    assert world.phases() == {"red.b": "running", "red.c": "succeeded"}
    assert world.journal._rows("SELECT job FROM spans ORDER BY job") == [(2,), (3,)]
    world.close()


def test_a_forgotten_job_that_the_cluster_remembers_is_not_begun_again(settings: Settings) -> None:
    world = World(settings(keep_days=31), FakeCluster())
    queue(world, "one", "a")
    world.turn()
    begin(world, "red.a")
    end(world, "red.a")
    world.clock.now += 32 * DAY
    world.turn()
    assert world.phases() == {}
    queue(world, "one", "a")
    world.turn()
    assert world.phases() == {"red.a": "succeeded"}
    assert [each.attempt for each in world.cluster.submissions] == [1]
    world.close()


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
    world.dispatcher.start()
    assert cluster.asked.wait(HANG_S)
    queue(world, "one", "a")
    world.dispatcher.wake()
    assert cluster.handed.wait(HANG_S)
    world.dispatcher.stop()
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
