"""What jobs cost their teams, and what becomes of those whose team has spent its hours."""

from __future__ import annotations

import pytest

from serving.errors import QuotaError
from tests.serving.gateway.conftest import Settings, World
from tests.serving.jobs.fake import FakeCluster

HOUR = 3600.0


def test_hours_are_cpus_times_the_time_that_they_ran(world: World) -> None:
    """Two trials at once reserve 2 CPUs; half an hour, and after a failure 15 minutes more."""
    anna = world.member("one")
    world.queue("one", "a")
    world.turn()
    world.clock.now += HOUR  # pending costs nothing
    world.begin("red.a")
    world.clock.now += HOUR / 2
    assert world.views.usage(anna).cpu_hours.used == pytest.approx(1.0)
    world.cluster._move("red.a", phase="failed", exit_code=1, ended=world.clock.now)
    world.turn()
    world.desk.resume(anna, "a")
    world.clock.now += HOUR  # so does the queue
    world.turn()
    world.begin("red.a")
    world.clock.now += HOUR / 4
    world.end("red.a")
    world.clock.now += HOUR
    assert world.views.usage(anna).cpu_hours.used == pytest.approx(1.5)
    assert world.views.find(anna, "a").cpu_hours == pytest.approx(1.5)
    assert world.views.usage(world.member("three")).cpu_hours.used == 0


def test_spent_hours_refuse_and_renew(settings: Settings) -> None:
    """1 October at noon; 2 CPUs for an hour are the 2 hours of the month."""
    world = World(settings({"cpu_hours": 2, "jobs_at_once": 1}), FakeCluster())
    world.queue("one", "a", "b")
    world.turn()
    world.begin("red.a")
    world.clock.now += HOUR
    with pytest.raises(QuotaError, match=r"0 of the team's 2 CPU hours .* on 2026-11-01") as no:
        world.queue("one", "c")
    # To midnight in UTC, 31 days less 13 hours.
    assert no.value.headers == {"Retry-After": str(31 * 86400 - 13 * 3600 + 1)}
    # What waits goes on waiting, what runs goes on running.
    world.end("red.a")
    assert world.phases() == {"red.a": "succeeded", "red.b": "queued"}
    assert "renew on 2026-11-01" in world.message("one", "b")
    # The same job again asks for nothing, and other teams have hours of their own.
    world.queue("one", "a")
    world.queue("three", "a")
    world.clock.now += 31 * 24 * HOUR
    world.turn()
    assert world.phases() == {"red.a": "succeeded", "red.b": "pending", "blue.a": "pending"}
    world.close()


def test_hours_of_gpus_are_for_jobs_that_use_gpus(settings: Settings) -> None:
    world = World(settings({"gpu_hours": 0}), FakeCluster())
    world.queue("one", "a")
    with pytest.raises(QuotaError, match="GPU hours"):
        world.queue("one", "b", prune="{gpus: 0.5}")
    world.close()


@pytest.mark.parametrize(("stops", "phase"), [(True, "stopped"), (False, "running")])
def test_a_job_that_overspends(settings: Settings, stops: bool, phase: str) -> None:
    team = {"cpu_hours": 2, "stop_overspent": stops}
    world = World(settings(team), FakeCluster())
    world.queue("one", "a")
    world.turn()
    world.begin("red.a")
    world.clock.now += 2 * HOUR
    for _ in range(3):
        world.turn()
    assert world.phases() == {"red.a": phase}
    assert ("hours are left" in world.message("one", "a")) == stops
    world.close()


def test_no_job_is_charged_for_more_than_the_cluster_has(settings: Settings) -> None:
    world = World(settings(cpus=16), FakeCluster())
    world.queue("one", "a", search="{parallel: 1000}")
    assert world.views.find(world.member("one"), "a").cpus == 16
    world.close()
