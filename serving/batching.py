"""Concurrent requests for one model, answered by one run of its graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import accumulate
from typing import cast

import numpy as np
from numpy.typing import NDArray
from ray import serve

from serving.catalogue import Predict
from serving.runtime import Classifier

# Requests, not images: a request may hold several, and Serve refuses an item that is
# larger than a batch.  ``Classifier`` bounds the images of one run by itself.
MAX_REQUESTS = 32
WAIT_S = 0.002


def batched(classifier: Classifier, observe: Callable[[int], None] | None = None) -> Predict:
    """A predictor that gathers requests for up to 2 ms; works inside a Serve replica only.

    The graph runs beside the event loop, one batch at a time, so that bodies are read and
    pictures decoded meanwhile.

    Args:
        classifier: the model.
        observe: is told of how many images each batch was.
    """

    async def run(requests: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        images = np.concatenate(requests)
        if observe:
            observe(len(images))
        output = await asyncio.to_thread(classifier.probabilities, images)
        ends = list(accumulate(len(request) for request in requests))
        return np.split(output, ends[:-1])

    # Serve keeps one queue a decorated function: decorated here, each model has its own.
    decorate = serve.batch(max_batch_size=MAX_REQUESTS, batch_wait_timeout_s=WAIT_S)
    return cast(Predict, decorate(run))
