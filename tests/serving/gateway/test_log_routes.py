"""Logs over HTTP: whole, and as they grow."""

from __future__ import annotations

import httpx
import pytest

from serving.gateway import logs
from serving.gateway.logs import Position
from tests.serving.gateway.conftest import World
from tests.serving.kinds import Refused


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
