"""The layer in Serve's proxy, around an app that answers as Serve does."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from serving.proxy import Front, middlewares
from tests.serving.kinds import Refused


def through(
    answer: Response | None, headers: dict[str, str] | None = None, **options: object
) -> tuple:
    """What comes back through the layer, and the headers that came to the app."""
    seen: list[tuple[bytes, bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        if answer is not None:
            await answer(scope, receive, send)

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(Front(app, **options))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/", headers=headers)

    return asyncio.run(go()), {name.decode(): value.decode() for name, value in seen}


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (408, "Request 8f2 timed out after 45s.", "not answered in time"),
        (503, "Request dropped due to backpressure (num_queued_requests=1...", "not ready"),
        (429, "Request dropped due to backpressure (num_queued_requests=1...", "too many requests"),
        (500, "Internal Server Error", "failed on this request"),
        (418, "a\nb", "I'm a Teapot"),
    ],
)
def test_errors_of_serve(refused: Refused, status: int, text: str, message: str) -> None:
    answer, _ = through(PlainTextResponse(text, status, {"X-Request-ID": "a"}))
    refused(answer, status, message)
    assert text not in answer.text
    assert answer.headers["x-request-id"] == "a"
    assert ("retry-after" in answer.headers) == (status == 503)


def test_a_path_without_application_is_a_server_that_is_not_ready(refused: Refused) -> None:
    answer, _ = through(PlainTextResponse("Path '/x' not found. Ping http://.../-/routes", 404))
    refused(answer, 503, "not ready")


def test_when_to_come_again_is_kept() -> None:
    answer, _ = through(PlainTextResponse("busy", 429, {"Retry-After": "3"}))
    assert answer.headers.get_list("retry-after") == ["3"]


def test_an_answer_that_never_began(refused: Refused) -> None:
    answer, _ = through(None)
    refused(answer, 500, "failed on this request")


@pytest.mark.parametrize(
    "sound",
    [
        PlainTextResponse("metrics"),
        JSONResponse({"error": "model 'x' is not served here"}, 404),
        JSONResponse({"models": []}),
    ],
)
def test_answers_of_the_application_pass(sound: Response) -> None:
    answer, _ = through(sound)
    assert answer.content == sound.body
    assert answer.status_code == sound.status_code
    assert answer.headers["content-type"] == sound.headers["content-type"]


def test_orders_to_serve_are_dropped() -> None:
    orders = {
        "X-Request-Timeout-Seconds": "-1",
        "X-Request-Disconnect-Disabled": "?1",
        "Serve-Multiplexed-Model-Id": "m",
        "serve_multiplexed_model_id": "m",
        "X-Request-ID": "<script>",
    }
    _, seen = through(PlainTextResponse("a"), orders | {"X-API-Key": "kept"})
    assert seen["x-api-key"] == "kept"
    assert not set(seen) & {name.lower() for name in orders}


def test_a_plain_request_id_passes() -> None:
    _, seen = through(PlainTextResponse("a"), {"X-Request-ID": "a-1"})
    assert seen["x-request-id"] == "a-1"


@pytest.mark.parametrize(("haproxy", "timeout", "unwatched"), [("1", "0", "?1"), ("0", None, None)])
def test_behind_haproxy_serve_keeps_no_watch_of_its_own(
    monkeypatch: pytest.MonkeyPatch, haproxy: str, timeout: str | None, unwatched: str | None
) -> None:
    monkeypatch.setenv("RAY_SERVE_ENABLE_HA_PROXY", haproxy)
    (layer,) = middlewares()
    assert layer.cls is Front
    _, seen = through(PlainTextResponse("a"), {"X-Request-Timeout-Seconds": "9"}, **layer.kwargs)
    assert seen.get("x-request-timeout-seconds") == timeout
    assert seen.get("x-request-disconnect-disabled") == unwatched
