"""The conformance suite on a real Ray with a token; ``secateur`` alone has a stand-in."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secateur.errors import ClusterRefusedError
from serving.jobs import details
from serving.jobs.ray_cluster import RayCluster
from serving.jobs.records import JobState
from tests.serving.jobs.conformance import ClusterConformance, World, submission
from tests.serving.jobs.head import BIN, Head, ray_head

pytestmark = pytest.mark.slow

_LATE_S = 120


class RealWorld:
    """Jobs that are processes on a head."""

    def __init__(self, head: Head, folder: Path) -> None:
        self._folder, self._late = folder, time.monotonic() + _LATE_S
        self.cluster = head.cluster

    def begin(self, name: str) -> None:
        # Ray says that a job runs before its process does.
        while self._state(name).phase != "running" or not self._file(name, "log").exists():
            self._wait()

    def print(self, name: str, *lines: str) -> None:
        with self._file(name, "log").open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in lines)

    def end(self, name: str, code: int, *lines: str) -> None:
        self.print(name, *lines)
        scratch = self._file(name, "scratch")
        scratch.write_text(str(code))
        scratch.rename(self._file(name, "code"))
        self.stopped(name)

    def stopped(self, name: str) -> None:
        while not self._state(name).over:
            self._wait()

    def _state(self, name: str) -> JobState:
        state = self.cluster.find(name)
        assert state is not None
        return state

    def _file(self, name: str, kind: str) -> Path:
        return self._folder / f"{name}-{self._state(name).attempt}.{kind}"

    def _wait(self) -> None:
        assert time.monotonic() < self._late
        time.sleep(0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stand-in")


@pytest.fixture(scope="module")
def head(folder: Path) -> Iterator[Head]:
    (folder / "secateur").symlink_to(Path(__file__).with_name("stand_in.py"))
    path = f"{folder}:{BIN}:{os.environ['PATH']}"
    with ray_head({"PATH": path, "STAND_IN": str(folder)}) as head:
        yield head


class TestRealRay(ClusterConformance):
    @pytest.fixture
    def world(self, head: Head, folder: Path) -> World:
        return RealWorld(head, folder)

    def test_a_job_has_more_time_to_stop_than_ray_gives(self, world: World) -> None:
        world.cluster.submit(submission("slow-to-stop"))
        world.begin("slow-to-stop")
        world.cluster.stop("slow-to-stop")
        world.stopped("slow-to-stop")
        assert list(world.cluster.logs("slow-to-stop")) == ["saved"]

    def test_a_head_without_secateur_is_told(
        self, world: World, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(details, "ENTRYPOINT", "exec not-installed play")
        world.cluster.submit(submission(name))
        world.stopped(name)
        state = world.cluster.find(name)
        assert state is not None
        assert (state.phase, state.exit_code) == ("failed", None)
        assert state.message.startswith("no secateur on the PATH of the cluster's head")


def test_only_who_has_the_token_is_answered(head: Head, tmp_path: Path) -> None:
    nobody = {"HOME": str(tmp_path)}
    with pytest.raises(ClusterRefusedError, match="asks for a token; set RAY_AUTH_TOKEN"):
        RayCluster(head.url, nobody).jobs()
    with pytest.raises(ClusterRefusedError, match="refuses this token"):
        RayCluster(head.url, nobody | {"RAY_AUTH_TOKEN": "x" * 32}).submit(submission("locked"))
    assert head.cluster.find("locked") is None
