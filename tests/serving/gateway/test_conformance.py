"""A gateway is a cluster too: the whole way from its client over a socket to the fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.gateway.client import GatewayCluster
from tests.serving.gateway import conftest
from tests.serving.jobs.conformance import ClusterConformance, World
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Listen


class GatewayWorld:
    """Jobs are moved on the cluster, and the gateway looks."""

    def __init__(self, inner: conftest.World, url: str) -> None:
        self._inner = inner
        self.cluster = GatewayCluster(url, "one", every=0.01)

    def begin(self, name: str) -> None:
        self._inner.turn()
        self._inner.cluster.begin(f"red.{name}")
        self._inner.turn()

    def print(self, name: str, *lines: str) -> None:
        self._inner.cluster.print(f"red.{name}", *lines)

    def end(self, name: str, code: int, *lines: str) -> None:
        self._inner.cluster.finish(f"red.{name}", code, *lines)
        self._inner.turn()

    def stopped(self, name: str) -> None:
        self._inner.turn()


@pytest.fixture
def world(
    settings: conftest.Settings,
    listen: Listen,
) -> Iterator[World]:
    inner = conftest.World(settings(), FakeCluster())
    with listen(inner.app) as address:
        yield GatewayWorld(inner, f"http://{address}")
    inner.close()


class TestGatewayCluster(ClusterConformance):
    @pytest.fixture
    def world(self, world: World) -> World:
        return world
