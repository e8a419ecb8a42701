"""A gateway that dies between any two steps loses no job and begins none twice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from serving.gateway.journal import Journal
from serving.gateway.spec import GatewaySpec
from tests.serving.gateway.conftest import Clock, Settings, World, job
from tests.serving.jobs.fake import FakeCluster


class Killed(BaseException):
    """As kill -9 ends a process: nothing handles it."""


class Fuse:
    """Kills at one of the moments that are counted: before and after everything that lasts."""

    def __init__(self, at: int) -> None:
        self._left = at

    def moment(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


class FusedJournal(Journal):
    """Dies before each statement that writes, and after each commit."""

    fuse: Fuse

    def _write(self, statement: str, values: tuple[Any, ...] = ()) -> int:
        self.fuse.moment()
        return super()._write(statement, values)

    def add(self, **columns: Any) -> Any:
        entry = super().add(**columns)
        self.fuse.moment()
        return entry

    def change(self, entry: Any, **columns: Any) -> bool:
        done = super().change(entry, **columns)
        self.fuse.moment()
        return done


class FusedCluster:
    """Dies before and after each call of a cluster."""

    def __init__(self, cluster: FakeCluster, fuse: Fuse) -> None:
        self._cluster, self._fuse = cluster, fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self._fuse.moment()
            answer = getattr(self._cluster, name)(*arguments)
            self._fuse.moment()
            return answer

        return call


class Story:
    """Two teams' jobs from their submission to their end; every step is tried until it is done.

    Attributes:
        kills: how often the gateway died.
    """

    def __init__(self, spec: GatewaySpec, at: int) -> None:
        self.kills = 0
        self._spec, self._fuse = spec, Fuse(at)
        self.cluster, self._clock = FakeCluster(), Clock()
        self.world = self._start()

    def _start(self) -> World:
        fused = FusedCluster(self.cluster, self._fuse)
        FusedJournal.fuse = self._fuse
        return World(
            self._spec, self.cluster, self._clock, wrap=lambda _: fused, journals=FusedJournal
        )

    def do(self, step: Callable[[World], object]) -> None:
        """One step, and again after a restart if the gateway died in it."""
        try:
            step(self.world)
        except Killed:
            self.kills += 1
            self.world.close()
            self.world = self._start()
            step(self.world)

    def turn(self) -> None:
        self.do(World.turn)

    def submit(self, key: str, name: str) -> None:
        self.do(lambda world: world.desk.submit(world.member(key), job(name)))

    def play(self) -> None:
        for key, name in (("one", "a"), ("one", "b"), ("three", "a")):
            self.submit(key, name)
        self.turn()
        # One turn for each team: two jobs at once, in the settings.
        for name in ("red.a", "blue.a"):
            self.cluster.begin(name)
        self.turn()
        self.do(lambda world: world.desk.stop(world.member("one"), "a"))
        self.turn()
        self.do(lambda world: world.desk.resume(world.member("one"), "a"))
        self.cluster.finish("blue.a", 0)
        self.turn()
        self.turn()
        for name in ("red.b", "red.a"):
            self.cluster.begin(name)
            self.cluster.finish(name, 0)
        self.turn()


@pytest.mark.parametrize("stride", [13, pytest.param(1, marks=pytest.mark.slow)])
def test_whenever_it_dies_every_job_runs_to_its_end_once(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, stride: int
) -> None:
    """At every moment, or at every thirteenth."""
    for at in count(1, stride):
        spec = settings(jobs_at_once=2, folder=tmp_path_factory.mktemp("killed"))
        story = Story(spec, at)
        story.play()
        assert story.world.phases() == {
            "red.a": "succeeded",
            "red.b": "succeeded",
            "blue.a": "succeeded",
        }
        attempts = sorted((each.name, each.attempt) for each in story.cluster.submissions)
        # The job that was stopped and resumed alone has another attempt.
        assert attempts == [("blue.a", 1), ("red.a", 1), ("red.a", 2), ("red.b", 1)], at
        # The time of every attempt that ran is accounted for once.
        assert story.world.journal._rows("SELECT COUNT(*) FROM spans") == [(4,)]
        story.world.close()
        if not story.kills:
            break
    # It survived the last story, which had fewer moments.
    assert at > 50
