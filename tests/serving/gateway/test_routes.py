"""The HTTP interface, without Ray and without a socket."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from secateur.roots import Roots
from serving.gateway import logs
from serving.gateway.logs import Position
from serving.gateway.spec import GatewaySpec
from tests.serving.gateway.conftest import World, job
from tests.serving.jobs.fake import FakeCluster

Refused = Callable[[httpx.Response, int, str], None]
Settings = Callable[..., GatewaySpec]

JSON = {"Content-Type": "application/json"}


def test_a_job_from_its_submission_to_its_end(world: World) -> None:
    first = world.submit("a", priority=3)
    assert first.status_code == 201
    told = first.json()
    assert (told["name"], told["phase"], told["place"]) == ("a", "queued", 1)
    assert (told["client"], told["priority"], told["cpus"]) == ("anna", 3, 2)
    again = world.submit("a")
    assert (again.status_code, again.json()) == (200, told)
    world.turn()
    world.cluster.begin("red.a")
    world.turn()
    assert world.ask("GET", "/v1/jobs/a").json()["phase"] == "running"
    world.cluster.finish("red.a", 3, "secateur: not published: accuracy 3 points below")
    world.turn()
    told = world.ask("GET", "/v1/jobs/a", "two").json()
    assert (told["phase"], told["exit_code"], told["place"]) == ("succeeded", 3, None)
    assert told["message"] == "not published: accuracy 3 points below"
    assert world.submit("a").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"content": job("a"), "headers": {"Content-Type": "application/yaml"}},
        {"content": job("a"), "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"json": {"name": "a", "seed": 0, "data": {"kind": "digits"}}},
        {"content": b'{\t"name": "a", "data": {"kind": "digits"}}', "headers": JSON},
        {"content": gzip.compress(job("a").encode()), "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["yaml", "curl", "json", "json with a tab", "gzip"],
)
def test_one_job_in_many_dresses(world: World, sent: dict[str, Any]) -> None:
    assert world.submit("a").status_code == 201
    assert world.ask("POST", "/v1/jobs", **sent).status_code == 200


def test_numbers_of_json_are_numbers(world: World) -> None:
    """YAML reads 1e-5 as a word."""
    content = {"name": "a", "data": {"kind": "digits"}, "search": {"recipe": {}}}
    content["search"]["recipe"]["learning_rate"] = [1e-05, 3e-05]
    assert world.ask("POST", "/v1/jobs", json=content).status_code == 201
    world.turn()
    (handed,) = world.cluster.submissions
    assert handed.job().search.recipe.learning_rate == (1e-05, 3e-05)


DATA = "data: {kind: digits}"
BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 9)]
)
WRONG: dict[str, tuple[str | bytes | dict, int, str]] = {
    "nothing": ("", 400, "expected a mapping"),
    "no yaml": ("name: [", 400, "valid YAML"),
    "a list": ("- name: a", 400, "expected a mapping"),
    "no name": (DATA, 400, "name: 'nothing' is not usable"),
    "no data": ("name: a", 400, "data: 'nothing' is not usable"),
    "an unknown field": (job("a", serach="{}"), 400, "expected 'search' (nearest known name)"),
    "an unknown field below": (job("a", search="{trails: 3}"), 400, "search.trails: 'trails'"),
    "a name with a slash": (job("a/b"), 400, "name: 'a/b'"),
    "a name that climbs": (job("../blue.a"), 400, "name: '../blue.a'"),
    "a hidden name": (job(".gateway"), 400, "name: '.gateway'"),
    "a name too long": (job("a" * 61), 400, "at most 60 characters"),
    "a model's name too long": (job("a", publish=f"{{name: {'b' * 61}}}"), 400, "publish.name"),
    "a number below": (job("a", search="{trials: 0}"), 400, "greater than or equal to 1"),
    "no number": (job("a", search="{trials: .nan}"), 400, "search.trials"),
    "more CPUs than may be": (job("a", search="{parallel: 65}"), 400, "may have 64"),
    "a file outside": (job("a").replace("digits", "arrays, path: /etc/passwd"), 400, "/etc/passwd"),
    "a relative file": (job("a").replace("digits", "arrays, path: x.npz"), 400, "data.path"),
    "a teacher outside": (job("a", search="{teacher: {model: /root}}"), 400, "search.teacher"),
    "an agent outside": (job("a", prune="{agent: {start_from: /}}"), 400, "prune.agent.start_from"),
    "an agent that climbs": (job("a", prune="{agent: {start_from: ../b}}"), 400, "start_from"),
    "a tag that runs code": ("!!python/object/apply:os.system ['true']", 400, "valid YAML"),
    "a bomb": (BOMB, 400, "with all aliases"),
    "deep": ("[" * 5000, 400, "levels"),
    "twice a key": ("name: a\nname: b\n" + DATA, 400, "twice"),
    "two documents": (job("a") + "---\n" + job("b"), 400, "document"),
    "an absurd number": (job("a", seed=int("9" * 4000)), 400, "spec"),
    "too long": (job("a") + "#" * 32_768, 400, "at most 32,768 bytes"),
    "far too long": (b"#" * 200_000, 413, "exceeds"),
    "no text": (b"\xff\xfe", 400, "not UTF-8"),
    "no json": ({"content": "{", "headers": JSON}, 400, "no usable JSON"),
    "json nested": ({"content": "[" * 50_000, "headers": JSON}, 400, "nested too deeply"),
    "json twice": ({"content": '{"name": "a", "name": "b"}', "headers": JSON}, 400, "twice"),
    "json NaN": ({"content": '{"seed": NaN}', "headers": JSON}, 400, "NaN"),
    "a picture": ({"content": "x", "headers": {"Content-Type": "image/png"}}, 415, "image/png"),
    "no gzip": (
        {"content": "x", "headers": {"Content-Encoding": "gzip"}},
        400,
        "not one whole gzip stream",
    ),
    "a priority above": ({"params": {"priority": 6}}, 400, "expected 0 to 5"),
    "a priority below": ({"params": {"priority": -1}}, 400, "query.priority"),
    "no priority": ({"params": {"priority": "high"}}, 400, "query.priority"),
    "another version": ({"params": {"version": "9.9"}}, 400, "the client has Sécateur 9.9"),
    "metadata without value": ({"params": {"metadata": "x"}}, 400, "query.metadata"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_submissions(
    settings: Settings, tmp_path: Path, refused: Refused, wrong: str
) -> None:
    """Each has one line for an answer, and nothing is queued."""
    sent, status, words = WRONG[wrong]
    world = World(settings({"job_cpus": 64}), FakeCluster(), roots=Roots((tmp_path,)))
    more = sent if isinstance(sent, dict) else {"content": sent}
    refused(world.ask("POST", "/v1/jobs", **{"content": job("a")} | more), status, words)
    world.turn()
    assert (world.phases(), world.cluster.submissions) == ({}, [])
    world.close()


def test_a_link_that_leads_out_of_the_roots(
    settings: Settings, tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "inside").symlink_to("/etc")
    world = World(settings(), FakeCluster(), roots=Roots((tmp_path / "roots",)))
    spec = job("a").replace("digits", f"image-folder, root: {tmp_path}/roots/inside")
    refused(world.ask("POST", "/v1/jobs", content=spec), 400, "data.root")
    world.close()


def test_a_name_that_is_taken(world: World, refused: Refused) -> None:
    world.submit("a")
    other = world.ask("POST", "/v1/jobs", content=job("a", seed=1))
    refused(other, 409, "was submitted with another spec")
    refused(world.submit("a", restart="true"), 409, "stop it before it can be restarted")
    world.ask("DELETE", "/v1/jobs/a")
    done = world.ask("POST", "/v1/jobs?restart=true", content=job("a", seed=1))
    assert (done.status_code, done.json()["phase"]) == (201, "queued")


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


def test_a_queue_that_is_full(settings: Settings, refused: Refused) -> None:
    world = World(settings({"waiting": 2}), FakeCluster())
    assert [world.submit(name).status_code for name in "ab"] == [201, 201]
    third = world.submit("c")
    refused(third, 429, "2 jobs of the team wait already")
    assert int(third.headers["retry-after"]) > 0
    assert world.submit("a").status_code == 200
    world.close()


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
    [("/v1/jobs", "GET, POST"), ("/v1/jobs/a", "DELETE, GET"), ("/", "GET, HEAD")],
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


# Logs.


@pytest.fixture
def running(world: World) -> World:
    """With a job ``a`` that runs and has printed two lines."""
    world.submit("a")
    world.turn()
    world.cluster.begin("red.a")
    world.cluster.print("red.a", "one", "two")
    world.turn()
    return world


def test_logs(running: World) -> None:
    path = "/v1/jobs/a/logs"
    assert running.ask("GET", path).text == "one\ntwo\n"
    assert running.ask("GET", f"{path}?lines=1").text == "two\n"
    assert running.ask("GET", f"{path}?skip=1").text == "two\n"
    assert running.ask("GET", path).headers["content-type"] == "text/plain; charset=utf-8"


def test_a_job_that_waits_has_printed_nothing(world: World) -> None:
    world.submit("a")
    assert world.ask("GET", "/v1/jobs/a/logs").text == ""


def test_logs_of_a_cluster_that_is_away(running: World, refused: Refused) -> None:
    running.cluster.away = True
    refused(running.ask("GET", "/v1/jobs/a/logs"), 503, "does not answer")


def events(answer: httpx.Response) -> list[dict[str, str]]:
    """The fields of each event, data lines joined."""
    found = []
    for block in answer.text.split("\n\n"):
        event: dict[str, str] = {}
        for name, _, value in (line.partition(": ") for line in block.splitlines()):
            event[name] = f"{event[name]}\n{value}" if name in event else value
        found.append(event)
    return [event for event in found if "data" in event]


def test_a_stream_ends_with_the_job(running: World) -> None:
    running.cluster.finish("red.a", 1, "three", "secateur: error: no luck")
    running.turn()
    answer = running.ask("GET", "/v1/jobs/a/logs?follow=true")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer) == [
        {"id": "1:4", "data": "one\ntwo\nthree\nsecateur: error: no luck"},
        {"event": "failed", "data": "no luck"},
    ]


def test_a_stream_goes_on_where_it_was_cut(running: World) -> None:
    running.cluster.finish("red.a", 0, "three")
    running.turn()
    seen = {"Last-Event-ID": "1:2"}
    answer = running.ask("GET", "/v1/jobs/a/logs?follow=true", headers=seen)
    assert events(answer)[0] == {"id": "1:3", "data": "three"}


def test_a_stream_takes_a_pause(running: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no proxy cuts it; nothing that was printed is left out."""
    monkeypatch.setattr(logs.Logs.events, "__defaults__", (0.1,))
    found = events(running.ask("GET", "/v1/jobs/a/logs?follow=true"))
    assert [event["data"] for event in found if "id" in event] == ["one", "two"]
    assert found[-1]["event"] == "pause"


def test_too_many_streams(running: World, refused: Refused) -> None:
    running.logs._followers["red"] = logs.FOLLOWERS
    refused(running.ask("GET", "/v1/jobs/a/logs?follow=true"), 429, "follows 16 logs already")


@pytest.mark.parametrize(
    "text", [None, "", "x", "1", ":", "1:", ":1", "-1:2", "1:2:3", "\u0661:\u0662"]
)
def test_ids_of_events_that_are_none(text: str | None) -> None:
    assert Position.parse(text) == Position()


def test_positions() -> None:
    assert Position.parse(str(Position(3, 41))) == Position(3, 41)


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
