"""Logs over HTTP: whole, and as they grow."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from serving.gateway import logs
from serving.gateway.entries import Entry
from serving.gateway.logs import Position
from serving.gateway.members import Member
from tests.serving.gateway.conftest import Clock, World
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


def read_by(world: World, reader: logs.Logs) -> None:
    """Let the gateway's app, which is made anew, read logs so."""
    world.logs = reader
    del world.app


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


def test_a_stream_takes_a_pause(running: World) -> None:
    """So that no proxy cuts it; nothing that was printed is left out."""
    clock = Clock()
    read_by(running, logs.Logs(running.cluster, 60.0, every=0.01, clock=clock))
    entry = running.views.entry

    def later(member: Member, name: str) -> Entry:
        clock.now += 201  # the first look is at 402 s, the second at 603, beyond the 600
        return entry(member, name)

    running.views.entry = later
    found = events(running.ask("GET", "/v1/jobs/a/logs?follow=true"))
    assert found == [
        {"id": "1:1", "data": "one"},
        {"id": "1:2", "data": "two"},
        {"event": "pause", "data": "ask again from here"},
    ]


def test_what_a_job_prints_last_is_told_although_another_has_just_looked(running: World) -> None:
    """The log is read once a second for all who ask, and anew once the job has ended."""
    read_by(running, logs.Logs(running.cluster, 60.0, every=1000.0))
    path = "/v1/jobs/a/logs"
    assert running.ask("GET", path).text == "one\ntwo\n"
    running.cluster.print("red.a", "three")
    assert running.ask("GET", path).text == "one\ntwo\n"
    running.cluster.finish("red.a", 0, "four")
    running.turn()
    assert running.ask("GET", path).text == "one\ntwo\nthree\nfour\n"


def test_too_many_streams(running: World, refused: Refused) -> None:
    running.logs._followers["red"] = logs.FOLLOWERS
    refused(running.ask("GET", "/v1/jobs/a/logs?follow=true"), 429, "follows 16 logs already")


def test_a_stream_that_came_with_too_many_others_ends_at_once(running: World) -> None:
    """All of them had found room; what it has not seen yet it asks for again, and is refused."""
    running.logs._followers["red"] = logs.FOLLOWERS
    member = running.member("one")

    async def told() -> bytes:
        events = running.logs.events(lambda: running.views.entry(member, "a"), Position())
        return b"".join([event async for event in events])

    assert (
        asyncio.run(told()) == b"id: 1:1\ndata: one\n\nevent: pause\ndata: ask again from here\n\n"
    )
    assert running.logs._followers["red"] == logs.FOLLOWERS


@pytest.mark.parametrize(
    "text", [None, "", "x", "1", ":", "1:", ":1", "-1:2", "1:2:3", "\u0661:\u0662"]
)
def test_ids_of_events_that_are_none(text: str | None) -> None:
    assert Position.parse(text) == Position()


def test_positions() -> None:
    assert Position.parse(str(Position(3, 41))) == Position(3, 41)
