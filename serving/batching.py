"""Concurrent requests for one model, answered by one run of its graph.

Ray Serve has a decorator for this.  It takes apart the signature of what it decorates for
every request and never runs a graph on the event loop, which together cost more than all else
that a small network asks for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from serving.catalogue import Predict
from serving.network import Network

# Requests, not images: a request may hold several, and ``Network`` bounds the rows of one
# run by itself.
MAX_REQUESTS = 32
# A graph that takes no longer runs on the event loop: handing it to a thread, and back,
# takes as long.
QUICK_S = 0.0005

Rows = NDArray[np.float32]
Observe = Callable[[int], None]
_Run = tuple[list[Rows | Exception], float | None]
"""What came of each request, and the seconds a row that they took where none failed."""


class Batches:
    """Predictors that gather the requests of a moment.

    Requests gather while the batch before runs, so that a lone one need not wait for others.
    Graphs run one batch of a model at a time and, unless they are quick, beside the event
    loop, so that bodies are read and pictures decoded meanwhile.

    Args:
        observe: is told of how many rows each batch was.
    """

    def __init__(self, observe: Observe | None = None) -> None:
        self._observe = observe
        self._queues: dict[str, _Queue] = {}

    def __call__(self, name: str, network: Network) -> Predict:
        """The predictor of a version of the model ``name``, whose versions share a queue."""
        queue = self._queues.setdefault(name, _Queue(self._observe))
        return partial(queue.ask, network)


@dataclass(frozen=True, eq=False)
class _Asked:
    """One request, and where its answer goes."""

    network: Network
    rows: Rows
    answer: asyncio.Future[Rows]

    def settle(self, output: Rows | Exception) -> None:
        if self.answer.done():  # nobody waits any more
            return
        if isinstance(output, Exception):
            self.answer.set_exception(output)
        else:
            self.answer.set_result(output)


class _Queue:
    """The requests for one model, in the order in which they came."""

    def __init__(self, observe: Observe | None) -> None:
        self._observe = observe
        self._waiting: list[_Asked] = []
        self._busy = False
        # Seconds a row, as the last run of each network took.
        self._paces: WeakKeyDictionary[Network, float] = WeakKeyDictionary()

    def ask(self, network: Network, rows: Rows) -> asyncio.Future[Rows]:
        loop = asyncio.get_running_loop()
        asked = _Asked(network, rows, loop.create_future())
        self._waiting.append(asked)
        if not self._busy:
            self._busy = True
            # Not yet: others may come in the same turn of the loop.
            loop.call_soon(self._next)
        return asked.answer

    def _next(self) -> None:
        """Run the next batch, or rest."""
        batch = self._take()
        if not batch:
            self._busy = False
            return
        network, requests = batch[0].network, [asked.rows for asked in batch]
        size = sum(map(len, requests))
        if self._observe:
            self._observe(size)
        loop = asyncio.get_running_loop()
        if self._paces.get(network, QUICK_S) * size < QUICK_S:
            self._tell(batch, _run(network, requests))
            loop.call_soon(self._next)
        else:
            run = loop.run_in_executor(None, _run, network, requests)
            run.add_done_callback(partial(self._ran, batch))

    def _take(self) -> list[_Asked]:
        """The first request, and others that the same graph can answer with it.

        Those that nobody waits for any more are let go: they hold no place among the requests
        that are bounded, and neither memory nor time here.
        """
        self._waiting = [one for one in self._waiting if not one.answer.done()]
        batch = [one for one in self._waiting if one.network is self._waiting[0].network]
        del batch[MAX_REQUESTS:]
        taken = set(batch)
        self._waiting = [one for one in self._waiting if one not in taken]
        return batch

    def _ran(self, batch: Sequence[_Asked], run: asyncio.Future[_Run]) -> None:
        self._tell(batch, run.result())
        self._next()

    def _tell(self, batch: Sequence[_Asked], run: _Run) -> None:
        """Give every request what came of it."""
        outputs, pace = run
        if pace is not None:
            self._paces[batch[0].network] = pace
        for asked, output in zip(batch, outputs, strict=True):
            asked.settle(output)


def _run(network: Network, requests: Sequence[Rows]) -> _Run:
    """Run a batch; where that fails its halves, so that nobody fails for another's input."""
    began = time.perf_counter()
    try:
        output = network.run(requests[0] if len(requests) == 1 else np.concatenate(requests))
    except Exception as error:  # raised to whoever asked
        if len(requests) == 1:
            return [error], None
        half = len(requests) // 2
        return _run(network, requests[:half])[0] + _run(network, requests[half:])[0], None
    seconds, ends = time.perf_counter() - began, list(accumulate(map(len, requests)))
    rows = [output[end - len(asked) : end] for asked, end in zip(requests, ends, strict=True)]
    return [*rows], seconds / ends[-1]
