"""Several streams of results from Ray workers, read as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import ray
from ray import ObjectRefGenerator

K = TypeVar("K")


def interleave(streams: dict[ObjectRefGenerator, K]) -> Iterator[tuple[K, Any]]:
    """Results of all streams in the order in which they arrive.

    Args:
        streams: running streaming tasks, each with what its results are to be known by.

    Yields:
        (key, result).  When the reader stops early, what still runs is cancelled.
    """
    running = dict(streams)
    try:
        while running:
            (ready,), _ = ray.wait(list(running), num_returns=1)
            try:
                reference = next(ready)
            except StopIteration:
                del running[ready]
                continue
            yield running[ready], ray.get(reference)
    finally:
        for stream in running:
            ray.cancel(stream)
