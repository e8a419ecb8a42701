from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.jobs.ray_cluster import RayCluster
from tests.serving.jobs.conformance import ClusterConformance, World
from tests.serving.jobs.fake import FakeCluster
from tests.serving.jobs.stub_head import StubHead, stub_head


class FakeWorld:
    """The fake itself is a hand on its jobs."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()

    def begin(self, name: str) -> None:
        self.cluster.begin(name)

    def print(self, name: str, *lines: str) -> None:
        self.cluster.print(name, *lines)

    def end(self, name: str, code: int, *lines: str) -> None:
        self.cluster.finish(name, code, *lines)

    def stopped(self, name: str) -> None:
        pass


class StubWorld:
    """Ray's Jobs API without Ray."""

    def __init__(self, head: StubHead) -> None:
        self._head = head
        self.cluster = RayCluster(head.url, {}, every=0.01)

    def begin(self, name: str) -> None:
        self._head.move(self._job(name), status="RUNNING")

    def print(self, name: str, *lines: str) -> None:
        self._head.print(self._job(name), *lines)

    def end(self, name: str, code: int, *lines: str) -> None:
        self._head.print(self._job(name), *lines)
        self._head.end(self._job(name), code)

    def stopped(self, name: str) -> None:
        pass

    def _job(self, name: str) -> str:
        state = self.cluster.find(name)
        assert state is not None
        return f"secateur-{name}-{state.attempt}"


class TestFake(ClusterConformance):
    @pytest.fixture
    def world(self) -> World:
        return FakeWorld()


class TestRayCluster(ClusterConformance):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        with stub_head() as head:
            yield StubWorld(head)
