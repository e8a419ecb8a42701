"""A gateway without Ray: the fake cluster, and a hand on its queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from secateur.roots import Roots
from serving.gateway.desk import Desk
from serving.gateway.dispatcher import Dispatcher
from serving.gateway.journal import Journal
from serving.gateway.logs import Logs
from serving.gateway.members import Member, members
from serving.gateway.spec import GatewaySpec
from serving.gateway.views import Views
from serving.gateway.web import create_gateway
from serving.jobs.port import Cluster
from tests import clock
from tests.serving.jobs.fake import FakeCluster

# printf %s one | sha256sum, and of two, three and four
ONE = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
TWO = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
THREE = "8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f"
FOUR = "04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00"

Settings = Callable[..., GatewaySpec]


class Clock(clock.Clock):
    """Seconds since 1970; 1 October 2026 at noon, UTC."""

    def __init__(self) -> None:
        super().__init__(1_790_856_000.0)


@dataclass
class World:
    """A gateway whose every part a test can reach."""

    spec: GatewaySpec
    cluster: FakeCluster
    clock: Clock = field(default_factory=Clock)
    roots: Roots = field(default_factory=Roots)
    wrap: Callable[[Cluster], Cluster] = lambda cluster: cluster
    journals: type[Journal] = Journal

    def __post_init__(self) -> None:
        self.journal = self.journals(self.spec.folder)
        cluster = self.wrap(self.cluster)
        self.views = Views(self.journal, self.spec, self.clock)
        self.desk = Desk(self.journal, self.views, self.spec, self.roots, clock=self.clock)
        self.dispatcher = Dispatcher(self.journal, cluster, self.spec, self.clock)
        self.logs = Logs(cluster, 60.0, every=0.01)

    @cached_property
    def app(self) -> FastAPI:
        return create_gateway(
            *(self.spec, self.journal, self.desk, self.views, self.logs),
            lambda: self.dispatcher.complaint,
        )

    def turn(self) -> None:
        self.dispatcher.turn()

    def member(self, secret: str) -> Member:
        found = members(self.spec).match(secret)
        assert isinstance(found, Member)
        return found

    def ask(self, method: str, path: str, key: str | None = "one", **more: Any) -> httpx.Response:
        """Send one request to the app."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        more["headers"] = headers | more.get("headers", {})

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **more)

        return asyncio.run(go())

    def submit(self, name: str, key: str = "one", **query: Any) -> httpx.Response:
        return self.ask("POST", "/v1/jobs", key, content=job(name), params=query)

    def queue(self, key: str, *names: str, **more: object) -> None:
        """The owner of a key submits jobs."""
        for name in names:
            self.desk.submit(self.member(key), job(name, **more))

    def begin(self, *names: str) -> None:
        """The jobs' processes run, from now on by the clock of the gateway."""
        for name in names:
            self.cluster._move(name, phase="running", started=self.clock.now)
        self.turn()

    def end(self, name: str) -> None:
        """A job's process ends well, and the gateway looks."""
        self.cluster._move(name, phase="succeeded", exit_code=0, ended=self.clock.now)
        self.turn()

    def message(self, key: str, name: str) -> str:
        """What the owner of a key is told of a job."""
        return self.views.find(self.member(key), name).message

    def phases(self) -> dict[str, str]:
        """Of all jobs, by their names on the cluster."""
        rows = self.journal._rows("SELECT team || '.' || name, phase FROM jobs")
        return dict(rows)

    def close(self) -> None:
        self.journal.close()


def job(name: str, seed: int = 0, **more: object) -> str:
    """A small job's spec."""
    lines = [f"name: {name}", f"seed: {seed}", "data: {kind: digits}"]
    return "\n".join([*lines, *(f"{field}: {value}" for field, value in more.items())]) + "\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two teams: red with the clients anna and ci, keys one and two; blue with jo, key three."""

    def build(red: dict[str, Any] | None = None, **changes: Any) -> GatewaySpec:
        teams = {
            "red": {"keys": {"anna": ONE, "ci": TWO}, "jobs_at_once": 2, "priority_max": 5}
            | (red or {}),
            "blue": {"keys": {"jo": THREE}, "jobs_at_once": 2, "priority_max": 5},
        }
        content = {"teams": teams, "operators": {"ops": FOUR}, "folder": tmp_path / "gateway"}
        return GatewaySpec.model_validate(content | changes)

    return build


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    """A gateway of those teams in front of a fake cluster that plays four jobs at once."""
    made = World(settings(), FakeCluster())
    yield made
    made.close()
