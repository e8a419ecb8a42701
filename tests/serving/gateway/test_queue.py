"""From the queue to the cluster and back, with a cluster that does what a test says."""

from __future__ import annotations

from typing import ClassVar

from secateur.errors import ClusterError
from serving.gateway.dispatcher import LOST
from serving.gateway.spec import GatewaySpec
from serving.jobs.records import JobState, Submission
from tests.serving.gateway.conftest import Settings, World, job
from tests.serving.jobs.fake import FakeCluster


def test_no_more_at_once_than_the_cluster_and_the_team_may(world: World) -> None:
    """Four in all, two of each team; the rest waits for one to end."""
    world.queue("one", "a", "b", "c")
    world.queue("three", "a")
    world.turn()
    names = [submission.name for submission in world.cluster.submissions]
    assert sorted(names) == ["blue.a", "red.a", "red.b"]
    assert world.phases()["red.c"] == "queued"
    world.begin("red.a")
    world.end("red.a")
    assert world.phases()["red.c"] == "pending"
    assert len(world.cluster.submissions) == 4


def test_a_cluster_that_is_away_keeps_nobody_waiting(world: World) -> None:
    world.cluster.away = True
    world.queue("one", "a")
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
    world.queue("one", "a")
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
    world.queue("one", "a", "b")
    world.queue("three", "a")
    world.turn()
    assert world.phases() == {"red.a": "pending", "red.b": "pending", "blue.a": "pending"}
    assert [each.name for each in world.cluster.submissions] == ["blue.a"]
    assert world.message("one", "a") == "no room for red.a"
    assert world.dispatcher.complaint == "no room for red.b"
    world.desk.stop(world.member("one"), "a")
    Picky.refused.clear()
    world.turn()
    assert world.phases() == {"red.a": "stopped", "red.b": "pending", "blue.a": "pending"}
    assert [each.name for each in world.cluster.submissions] == ["blue.a", "red.b"]
    assert (world.message("one", "b"), world.dispatcher.complaint) == ("", "")
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
    world.queue("one", "a")
    world.turn()
    world.begin("red.a")
    world.desk.stop(world.member("one"), "a")
    world.queue("three", "a")
    world.turn()
    assert world.phases() == {"red.a": "running", "blue.a": "pending"}
    assert world.dispatcher.complaint == "does not stop 'red.a'; try again later"
    cluster.stops = True
    world.turn()
    assert world.phases() == {"red.a": "stopped", "blue.a": "pending"}
    assert (world.message("one", "a"), world.dispatcher.complaint) == ("stopped by anna", "")
    world.close()


def test_a_name_that_is_taken_on_the_cluster(world: World) -> None:
    """By somebody with its token, who needs no gateway."""
    world.cluster.submit(Submission.of(job("red.a", seed=1)))
    world.queue("one", "a")
    world.turn()
    assert world.phases() == {"red.a": "failed"}
    assert "was submitted with another spec" in world.message("one", "a")


def test_a_job_that_the_cluster_has_forgotten_can_be_resumed(world: World) -> None:
    world.queue("one", "a")
    world.turn()
    world.cluster._states.clear()
    world.turn()
    assert (world.phases(), world.message("one", "a")) == ({"red.a": "failed"}, LOST)
    world.desk.resume(world.member("one"), "a")
    world.turn()
    assert world.phases() == {"red.a": "pending"}


def test_a_job_is_stopped_once(world: World) -> None:
    """The cluster may take a minute to stop it, and is not asked again meanwhile."""
    asked = []
    world.cluster.stop = lambda name: asked.append(name) or world.cluster.find(name)
    world.queue("one", "a")
    world.turn()
    world.begin("red.a")
    world.desk.stop(world.member("two"), "a")
    world.turn()
    world.turn()
    assert (asked, world.message("one", "a")) == (["red.a"], "stopping: stopped by ci")
    # Whoever asks again wants it told again.
    world.desk.stop(world.member("one"), "a")
    world.turn()
    assert asked == ["red.a"] * 2
    world.cluster._move("red.a", phase="stopped", ended=world.clock.now)
    world.turn()
    assert (world.phases(), world.message("one", "a")) == ({"red.a": "stopped"}, "stopped by ci")


def test_a_restart_reaches_the_cluster_once(world: World) -> None:
    """Stopped before its turn came, it is still to be restarted; resumed later, it is not."""
    world.queue("one", "a")
    world.turn()
    world.begin("red.a")
    world.end("red.a")
    anna = world.member("one")
    world.desk.submit(anna, job("a", seed=1), restart=True)
    world.desk.stop(anna, "a")
    world.desk.resume(anna, "a")
    world.turn()
    assert [each.restart for each in world.cluster.submissions] == [False, True]
    world.begin("red.a")
    world.cluster.finish("red.a", 1)
    world.turn()
    world.desk.resume(anna, "a")
    world.turn()
    assert [each.restart for each in world.cluster.submissions] == [False, True, False]


def test_a_team_that_is_no_longer_in_the_settings(settings: Settings) -> None:
    """Its jobs wait; those of others do not wait for them."""
    before = World(settings(), FakeCluster())
    before.queue("one", "a")
    before.close()
    content = settings().model_dump()
    del content["teams"]["red"]
    after = World(GatewaySpec.model_validate(content), FakeCluster())
    after.queue("three", "a")
    after.turn()
    assert after.phases() == {"red.a": "queued", "blue.a": "pending"}
    after.close()
