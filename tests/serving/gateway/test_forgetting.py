"""How long the gateway knows of a job that has ended."""

from __future__ import annotations

from tests.serving.gateway.conftest import Settings, World
from tests.serving.jobs.fake import FakeCluster

HOUR, DAY = 3600.0, 86400.0


def test_jobs_that_ended_long_ago_are_forgotten(settings: Settings) -> None:
    """More than 31 days ago here; with them goes the time that they ran."""
    world = World(settings(keep_days=31), FakeCluster())
    world.queue("one", "a", "b", "c")
    world.turn()
    world.begin("red.a", "red.b")
    world.end("red.a")
    world.clock.now += 31 * DAY
    world.turn()
    world.begin("red.c")
    assert world.phases() == {"red.a": "succeeded", "red.b": "running", "red.c": "running"}
    world.end("red.c")
    world.clock.now += HOUR
    world.turn()
    assert world.phases() == {"red.b": "running", "red.c": "succeeded"}
    assert world.journal._rows("SELECT job FROM spans ORDER BY job") == [(2,), (3,)]
    world.close()


def test_a_forgotten_job_that_the_cluster_remembers_is_not_begun_again(settings: Settings) -> None:
    world = World(settings(keep_days=31), FakeCluster())
    world.queue("one", "a")
    world.turn()
    world.begin("red.a")
    world.end("red.a")
    world.clock.now += 32 * DAY
    world.turn()
    assert world.phases() == {}
    world.queue("one", "a")
    world.turn()
    assert world.phases() == {"red.a": "succeeded"}
    assert [each.attempt for each in world.cluster.submissions] == [1]
    world.close()
