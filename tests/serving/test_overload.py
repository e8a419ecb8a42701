"""More than a replica takes, and bodies and models that are late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from serving.catalogue import Catalogue, Model
from serving.limits import Limits
from serving.runtime import Classifier
from serving.web import create_app
from tests.serving.kinds import Refused, ServeFolder

INFER = "/v2/models/m/infer"
ASKED = {
    "inputs": [{"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}]
}


class Gate:
    """A model that answers once it is told to."""

    def __init__(self, folder: Path) -> None:
        self.open = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)
        self._classifier = Classifier.load(folder)

    def client(self, limits: Limits) -> httpx.AsyncClient:
        model = Model("m", "1", self._classifier, self._predict)
        transport = httpx.ASGITransport(create_app(Catalogue([model]), limits))
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    async def _predict(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        self.waiting.release()
        await self.open.wait()
        return self._classifier.probabilities(images)


def test_one_request_too_many_is_turned_away_and_the_others_answered(
    saved: Path, refused: Refused
) -> None:
    async def go() -> tuple[httpx.Response, httpx.Response, list[httpx.Response]]:
        gate = Gate(saved)
        async with gate.client(Limits(requests=2)) as client, asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(client.post(INFER, json=ASKED)) for _ in range(2)]
            for _ in asked:
                await gate.waiting.acquire()
            third = await client.post(INFER, json=ASKED)
            health = await client.get("/v2/health/live")
            gate.open.set()
        return third, health, [task.result() for task in asked]

    third, health, answers = asyncio.run(go())
    refused(third, 429, "2 requests are waiting already")
    assert third.headers["retry-after"] == "1"
    assert [health.status_code, *(answer.status_code for answer in answers)] == [200] * 3


def test_bytes_that_fill_the_memory(saved: Path, refused: Refused) -> None:
    room = 2 * len(httpx.Request("POST", "http://test", json=ASKED).read()) - 1

    async def go() -> httpx.Response:
        gate = Gate(saved)
        async with gate.client(Limits(held_bytes=room)) as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(client.post(INFER, json=ASKED))
            await gate.waiting.acquire()
            second = await client.post(INFER, json=ASKED)
            gate.open.set()
        return second

    answer = asyncio.run(go())
    refused(answer, 429, "fill the memory")
    assert answer.headers["retry-after"] == "1"


def test_a_model_that_does_not_answer(saved: Path, refused: Refused) -> None:
    async def go() -> httpx.Response:
        async with Gate(saved).client(Limits(answer_seconds=0.01)) as client:
            return await client.post(INFER, json=ASKED)

    refused(asyncio.run(go()), 503, "did not answer in 0.01 seconds")


def test_a_body_that_does_not_arrive(saved: Path, refused: Refused) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async def go() -> httpx.Response:
        async with Gate(saved).client(Limits(body_seconds=0.01)) as client:
            return await client.post(INFER, content=half())

    refused(asyncio.run(go()), 408, "no whole body after 0.01 seconds")


@pytest.mark.parametrize("content", [b"x" * 1000, b""])
def test_places_are_free_again_after_refusals(
    saved: Path, serve_folder: ServeFolder, content: bytes
) -> None:
    send = serve_folder(saved, Limits(requests=1, body_bytes=900))
    statuses = {
        send("POST", "/v2/models/brightness/infer", content=content).status_code for _ in range(3)
    }
    assert statuses == ({413} if content else {400})
