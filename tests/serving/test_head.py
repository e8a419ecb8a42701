"""HEAD of an answer that goes on, as a log that is followed."""

from __future__ import annotations

import asyncio

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from serving.head import HeadAsGet


def test_an_answer_that_goes_on_is_over_after_its_head() -> None:
    made: list[str] = []
    sent: list[Message] = []

    async def lines() -> object:
        for line in ("one", "two", "three"):
            made.append(line)
            yield line

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await StreamingResponse(lines(), headers={"X-Lines": "three"})(scope, receive, send)

    async def silent() -> Message:
        return await asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "HEAD", "path": "/", "headers": []}
    asyncio.run(HeadAsGet(app)(scope, silent, send))
    start, body = sent
    assert (start["status"], dict(start["headers"])[b"x-lines"]) == (200, b"three")
    assert body == {"type": "http.response.body", "body": b""}
    assert made == ["one"]
