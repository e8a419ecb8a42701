"""Looks at a cluster that may be away for a while, as one is whose head starts again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from secateur.errors import ClusterError

T = TypeVar("T")

PATIENCE_S = 300.0
"""Who follows a job for hours should not lose sight of it for a minute's sake."""


def patiently(
    look: Callable[[], T],
    every: float,
    patience: float = PATIENCE_S,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """What a look gives, once the cluster answers.

    Args:
        look: asks the cluster.
        every: seconds between two looks.
        patience: seconds that the cluster may be away.
        clock: seconds, since whenever.

    Raises:
        ClusterError: it was away for longer.
    """
    end = clock() + patience
    while True:
        try:
            return look()
        except ClusterError:
            if clock() >= end:
                raise
        time.sleep(every)
