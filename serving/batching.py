"""Concurrent requests for one model, answered by one run of its graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ray import serve

from serving.catalogue import Predict
from serving.errors import InferenceError
from serving.network import Network

# Requests, not images: a request may hold several, and Serve refuses an item that is
# larger than a batch.  ``Network`` bounds the rows of one run by itself.
MAX_REQUESTS = 32
# Requests gather while the one before runs, so that a lone one need not wait for others.
WAIT_S = 0.0

Rows = NDArray[np.float32]


class Batches:
    """Predictors that gather the requests of a moment; they work inside a Serve replica only.

    Graphs run beside the event loop, one batch of a model at a time, so that bodies are read
    and pictures decoded meanwhile.

    Args:
        observe: is told of how many rows each batch was.
    """

    def __init__(self, observe: Callable[[int], None] | None = None) -> None:
        self._observe = observe
        self._queues: dict[str, Callable[..., Any]] = {}

    def __call__(self, name: str, network: Network) -> Predict:
        """The predictor of a version of the model ``name``."""
        if name not in self._queues:
            # Serve keeps one queue, and a task that never ends, a decorated function: one a
            # model, that all its versions share, and none that outlives its version.
            decorate = serve.batch(max_batch_size=MAX_REQUESTS, batch_wait_timeout_s=WAIT_S)
            self._queues[name] = decorate(self._answer)
        return partial(_ask, self._queues[name], network)

    async def _answer(
        self, requests: list[Rows], networks: list[Network]
    ) -> list[Rows | InferenceError]:
        answers: list[Rows | InferenceError] = []
        pairs = zip(requests, networks, strict=True)
        for _, group in groupby(pairs, key=lambda pair: id(pair[1])):
            members = tuple(group)
            rows = [asked for asked, _ in members]
            try:
                answers += await self._run(members[0][1], rows)
            except InferenceError as error:
                # Raised, it would be the answer to the requests of other versions as well.
                answers += [error] * len(members)
        return answers

    async def _run(self, network: Network, requests: Sequence[Rows]) -> list[Rows]:
        rows = np.concatenate(requests)
        if self._observe:
            self._observe(len(rows))
        output = await asyncio.to_thread(network.run, rows)
        ends = list(accumulate(len(request) for request in requests))
        return np.split(output, ends[:-1])


async def _ask(queue: Callable[..., Any], network: Network, rows: Rows) -> Rows:
    answer: Rows | InferenceError = await queue(rows, network)
    if isinstance(answer, InferenceError):
        raise answer
    return answer
