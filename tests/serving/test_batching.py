from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from serving.batching import Batches
from serving.errors import InferenceError
from serving.opening import open_network

SaveModel = Callable[..., Path]
WHITE = np.ones((1, 1, 4, 4), np.float32)
# P(bright) of a white image is 1 / (1 + exp(-gain / 2)): for gains of 4 and 8.
BRIGHT, BRIGHTER = pytest.approx(0.8807971), pytest.approx(0.9820138)


@pytest.fixture(autouse=True)
def replica(monkeypatch: pytest.MonkeyPatch) -> None:
    """As inside a replica: Serve's queue asks how many requests that may hold."""
    context = SimpleNamespace(_deployment_config=SimpleNamespace(max_ongoing_requests=100))
    monkeypatch.setattr("ray.serve.get_replica_context", lambda: context)


class Failing:
    def run(self, rows: np.ndarray) -> np.ndarray:
        raise InferenceError("the model failed on this input")


def test_requests_at_once_are_one_batch(saved: Path) -> None:
    sizes: list[int] = []
    predict = Batches(sizes.append)("m", open_network(saved))

    async def ask() -> list[np.ndarray]:
        return await asyncio.gather(predict(WHITE), predict(np.repeat(WHITE, 2, axis=0)))

    one, two = asyncio.run(ask())
    assert (one.shape, two.shape) == ((1, 2), (2, 2))
    assert sizes == [3]


def test_versions_of_a_model_share_a_queue_and_answer_apart(
    saved: Path, save_model: SaveModel
) -> None:
    batches = Batches()
    old = batches("m", open_network(saved))
    new = batches("m", open_network(save_model(gain=8.0)))

    async def ask() -> list[np.ndarray]:
        return await asyncio.gather(*(predict(WHITE) for predict in (old, new, old, new)))

    found = [answer[0, 1] for answer in asyncio.run(ask())]
    assert found == [BRIGHT, BRIGHTER, BRIGHT, BRIGHTER]


def test_a_version_that_fails_leaves_the_others_of_its_batch(saved: Path) -> None:
    batches = Batches()
    sound, failing = batches("m", open_network(saved)), batches("m", Failing())

    async def ask() -> list[object]:
        asked = (predict(WHITE) for predict in (sound, failing, sound))
        return await asyncio.gather(*asked, return_exceptions=True)

    first, error, last = asyncio.run(ask())
    assert isinstance(error, InferenceError)
    assert first[0, 1] == last[0, 1] == BRIGHT


def test_a_version_that_went_leaves_nothing(saved: Path, save_model: SaveModel) -> None:
    """Neither its network nor a task: a server may see thousands of versions."""
    batches = Batches()

    async def ask() -> tuple[list[int], list[object]]:
        gone, tasks = [], []
        for _ in range(6):
            network = open_network(saved)
            await batches("m", network)(WHITE)
            gone.append(weakref.ref(network))
            del network
            tasks.append(len(asyncio.all_tasks()))
        await batches("m", open_network(saved))(WHITE)  # the queue still holds its last batch
        gc.collect()
        return tasks, [reference() for reference in gone]

    tasks, left = asyncio.run(ask())
    assert max(tasks) <= 3  # this one, the queue's, and that of the batch that ends just now
    assert left == [None] * 6
