from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from serving.batching import MAX_REQUESTS, Batches
from serving.errors import InferenceError
from serving.opening import open_network
from tests.serving.kinds import SaveModel

WHITE = np.ones((1, 1, 4, 4), np.float32)
# P(bright) of a white image is 1 / (1 + exp(-gain / 2)): for gains of 4 and 8.
BRIGHT, BRIGHTER = pytest.approx(0.8807971), pytest.approx(0.9820138)


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


def test_a_request_that_fails_leaves_the_others_of_its_batch(saved: Path) -> None:
    """Nobody is refused for what a stranger sent: 3e38 overflows in the graph, white does not."""
    predict = Batches()("m", open_network(saved))
    asked = [WHITE, WHITE * 3e38, WHITE, np.repeat(WHITE, 2, axis=0), WHITE * 3e38]

    async def ask() -> list[object]:
        return await asyncio.gather(*map(predict, asked), return_exceptions=True)

    one, bad, two, pair, worse = asyncio.run(ask())
    assert isinstance(bad, InferenceError)
    assert isinstance(worse, InferenceError)
    assert (one[0, 1], two[0, 1], pair[:, 1].tolist()) == (BRIGHT, BRIGHT, [BRIGHT, BRIGHT])


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
        # A thread holds what it ran for a moment after it has told of it.
        await asyncio.get_running_loop().shutdown_default_executor()
        gc.collect()
        return tasks, [reference() for reference in gone]

    tasks, left = asyncio.run(ask())
    assert max(tasks) <= 3  # this one, the queue's, and that of the batch that ends just now
    assert left == [None] * 6


class Paced:
    """Takes as long as it is told, and notes in which threads it ran, and on how many rows."""

    def __init__(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now, self._seconds = 0.0, seconds
        self.ran: list[tuple[bool, int]] = []
        monkeypatch.setattr(time, "perf_counter", lambda: self._now)

    def run(self, rows: np.ndarray) -> np.ndarray:
        self.ran.append((threading.current_thread() is threading.main_thread(), len(rows)))
        self._now += self._seconds * len(rows)
        return rows


@pytest.mark.parametrize(
    ("seconds", "on_the_loop"),
    # 0.1 ms a row: two take less than the half of a millisecond that is quick, six do not.
    [(1e-4, [False, True, False]), (1e-3, [False, False, False])],
)
def test_a_graph_that_is_quick_runs_on_the_loop_once_that_is_known(
    monkeypatch: pytest.MonkeyPatch, seconds: float, on_the_loop: list[bool]
) -> None:
    network = Paced(seconds, monkeypatch)
    predict = Batches()("m", network)

    async def ask() -> None:
        for rows in (1, 2, 6):
            await predict(np.zeros((rows, 1)))

    asyncio.run(ask())
    assert network.ran == list(zip(on_the_loop, (1, 2, 6), strict=True))


def test_a_batch_is_of_so_many_requests_and_those_who_left_are_not_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Paced(0.0, monkeypatch)
    predict = Batches()("m", network)

    async def ask() -> list[object]:
        asked = [predict(np.full((1, 1), number)) for number in range(MAX_REQUESTS + 2)]
        asked[0].cancel()
        return await asyncio.gather(*asked[1:])

    answers = asyncio.run(ask())
    assert [int(answer[0, 0]) for answer in answers] == list(range(1, MAX_REQUESTS + 2))
    assert [rows for _, rows in network.ran] == [MAX_REQUESTS, 1]
