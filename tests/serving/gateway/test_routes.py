"""What the gateway tells over HTTP, without Ray and without a socket."""

from __future__ import annotations

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.serving.gateway.conftest import Settings, World
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Refused


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/jobs/a"),
        ("DELETE", "/v1/jobs/a"),
        ("POST", "/v1/jobs/a/resume"),
        ("GET", "/v1/jobs/a/logs"),
        ("GET", "/v1/jobs/a/logs?follow=true"),
        ("GET", "/v1/jobs/red.a"),
    ],
)
def test_jobs_of_another_team_are_not_there(
    world: World, refused: Refused, method: str, path: str
) -> None:
    world.submit("a")
    known = world.ask(method, path, "three")
    never = world.ask(method, path.replace("a", "b"), "three")
    refused(known, 404, "is no job of team 'blue'")
    assert known.status_code == never.status_code
    assert world.phases() == {"red.a": "queued"}
    assert world.ask("GET", "/v1/jobs", "three").json() == {"jobs": [], "next": None}


def test_two_teams_use_one_name(world: World) -> None:
    assert [world.submit("a", key).status_code for key in ("one", "three")] == [201, 201]
    world.turn()
    assert world.phases() == {"red.a": "pending", "blue.a": "pending"}


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/a", "/v1/usage", "/v1/version", "/metrics"])
def test_keys(world: World, refused: Refused, path: str) -> None:
    answer = world.ask("GET", path, None)
    refused(answer, 401, "an API key is needed")
    assert answer.headers["www-authenticate"] == "Bearer"
    refused(world.ask("GET", path, "five"), 401, "the API key is not known")


def test_an_operator_is_no_team_and_a_team_no_operator(world: World, refused: Refused) -> None:
    refused(world.ask("GET", "/v1/jobs", "four"), 401, "not known")
    refused(world.ask("GET", "/metrics", "one"), 401, "not known")


def test_metrics(world: World) -> None:
    world.submit("a")
    text = world.ask("GET", "/metrics", "four").text
    assert 'secateur_gateway_jobs{phase="queued",team="red"} 1.0' in text
    assert 'secateur_gateway_jobs{phase="queued",team="blue"} 0.0' in text
    assert 'secateur_gateway_hours{resource="cpu",team="red"} 0.0' in text


def test_pages_of_jobs(world: World) -> None:
    for name in "abcde":
        world.submit(name)
    world.ask("DELETE", "/v1/jobs/c")
    names, path = [], "/v1/jobs?limit=2"
    while path:
        page = world.ask("GET", path).json()
        names.append([each["name"] for each in page["jobs"]])
        path = f"/v1/jobs?limit=2&before={page['next']}" if page["next"] else ""
    assert names == [["e", "d"], ["c", "b"], ["a"]]
    stopped = world.ask("GET", "/v1/jobs?phase=stopped").json()["jobs"]
    assert [(each["name"], each["message"]) for each in stopped] == [("c", "stopped by anna")]


@pytest.mark.parametrize("query", ["phase=lost", "limit=0", "limit=1000", "before=x"])
def test_pages_that_are_not_there(world: World, refused: Refused, query: str) -> None:
    refused(world.ask("GET", f"/v1/jobs?{query}"), 400, f"query.{query.partition('=')[0]}")


def test_usage(settings: Settings) -> None:
    world = World(settings({"cpu_hours": 10}), FakeCluster())
    for name in "abc":
        world.submit(name)
    world.turn()
    assert world.ask("GET", "/v1/usage").json() == {
        "team": "red",
        "running": 2,
        "jobs_at_once": 2,
        "waiting": 1,
        "waiting_most": 100,
        "priority_max": 5,
        "cpu_hours": {"used": 0.0, "given": 10.0, "left": 10.0},
        "gpu_hours": {"used": 0.0, "given": None, "left": None},
        "renews": "2026-11-01",
    }
    world.close()


def test_health(world: World, refused: Refused) -> None:
    assert world.ask("GET", "/v1/health/live", None).json() == {"live": True}
    refused(world.ask("GET", "/v1/health/ready", None), 503, "has not been asked yet")
    world.turn()
    assert world.ask("GET", "/v1/health/ready", None).json() == {"ready": True}
    world.cluster.away = True
    world.turn()
    refused(world.ask("GET", "/v1/health/ready", None), 503, "does not answer")
    # Jobs are taken all the same.
    assert world.submit("a").status_code == 201


def test_the_page_is_there(world: World) -> None:
    assert "<title>" in world.ask("GET", "/", None).text


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/jobs", "GET, HEAD, POST"), ("/v1/jobs/a", "DELETE, GET, HEAD"), ("/", "GET, HEAD")],
)
def test_other_methods(world: World, refused: Refused, path: str, methods: str) -> None:
    answer = world.ask("PUT", path)
    refused(answer, 405, "Method Not Allowed")
    assert answer.headers["allow"] == methods


def test_beside_other_applications(world: World) -> None:
    """Below a prefix, as Serve and proxies have it; the page asks for what lies below as well."""
    world.app = Starlette(routes=[Mount("/gateway", world.app)])
    assert world.ask("GET", "/gateway/v1/usage").json()["team"] == "red"
    page = world.ask("GET", "/gateway/", None)
    assert "<title>" in page.text
    (script,) = re.findall(r'src="(page/[^"]+\.js)"', page.text)
    assert world.ask("GET", f"/gateway/{script}", None).status_code == 200


def test_the_document_has_every_route(world: World) -> None:
    document = world.ask("GET", "/openapi.json", None).json()
    assert {(path, method) for path, found in document["paths"].items() for method in found} == {
        ("/v1/jobs", "post"),
        ("/v1/jobs", "get"),
        ("/v1/jobs/{name}", "get"),
        ("/v1/jobs/{name}", "delete"),
        ("/v1/jobs/{name}/resume", "post"),
        ("/v1/jobs/{name}/logs", "get"),
        ("/v1/usage", "get"),
        ("/v1/version", "get"),
        ("/v1/health/live", "get"),
        ("/v1/health/ready", "get"),
        ("/metrics", "get"),
    }
    assert "ValidationError" not in json.dumps(document)
    submit = document["paths"]["/v1/jobs"]["post"]
    assert set(submit["responses"]) == {
        *("200", "201", "400", "401", "408", "409", "413", "415", "429", "500")
    }
