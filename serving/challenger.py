"""What a challenger does beside its champion: answer a share of the requests, or shadow them.

Both are policies of a ``Catalogue``: they say which model answers a request.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from serving.catalogue import Model, Policy, champion_alone
from serving.metrics import Metrics
from serving.runtime import Classifier
from serving.spec import Challenger, Share

# Of the requests that wait for a shadow: pixels together, and what a small one counts for.
HELD_BYTES = 16 * 2**20
LEAST_BYTES = 64 * 2**10
_LOWEST_PRIORITY = 19


def policy(asked: Challenger | None, metrics: Metrics) -> Policy:
    """The policy that a server's settings ask for."""
    if asked is None:
        return champion_alone
    return ByShare(asked.share) if isinstance(asked, Share) else Shadowing(metrics)


@dataclass(frozen=True)
class ByShare:
    """The challenger answers some requests, drawn at random.

    Attributes:
        share: of the requests, in (0, 1).
        chance: where the draws come from.
    """

    share: float
    chance: random.Random = field(default_factory=random.Random)

    def __call__(self, champion: Model, challenger: Model) -> Model:
        """One of both."""
        return challenger if self.chance.random() < self.share else champion


@dataclass(frozen=True)
class _Asked:
    challenger: Model
    rows: NDArray[np.float32]
    answers: NDArray[np.float32]
    size: int


class Shadowing:
    """The champion answers; afterwards a challenger is asked the same, and only counted.

    One thread of the lowest priority asks it.  What would have to wait while ``HELD_BYTES``
    wait already is not asked; of generators nothing is, since no answer of theirs is right.

    Args:
        metrics: count how often both name the same class.
        held_bytes: pixels that may wait.
    """

    def __init__(self, metrics: Metrics, held_bytes: int = HELD_BYTES) -> None:
        self._metrics, self._most = metrics, held_bytes
        self._held = 0
        self._lock = threading.Lock()
        self._waiting: queue.Queue[_Asked] = queue.Queue()
        # A daemon: the end of the process waits for no comparison.
        threading.Thread(target=self._run, name="shadow", daemon=True).start()

    def __call__(self, champion: Model, challenger: Model) -> Model:
        """The champion, whose answers are passed to the challenger."""
        if not isinstance(champion.network, Classifier):
            return champion

        async def predict(rows: NDArray[np.float32]) -> NDArray[np.float32]:
            answers = await champion.predict(rows)
            self._offer(challenger, rows, answers)
            return answers

        return replace(champion, predict=predict)

    def join(self) -> None:
        """Wait until nothing waits."""
        self._waiting.join()

    def _offer(
        self, challenger: Model, rows: NDArray[np.float32], answers: NDArray[np.float32]
    ) -> None:
        size = max(rows.nbytes, LEAST_BYTES)
        with self._lock:
            # One alone may be larger than all together, or it would never be asked.
            room = not self._held or self._held + size <= self._most
            self._held += size if room else 0
        if room:
            self._waiting.put(_Asked(challenger, rows, answers, size))
        else:
            self._metrics.observe_shadow(challenger.name, challenger.version, dropped=len(rows))

    def _run(self) -> None:
        _step_back()
        while True:
            asked = self._waiting.get()
            self._compare(asked)
            with self._lock:
                self._held -= asked.size
            self._waiting.task_done()

    def _compare(self, asked: _Asked) -> None:
        name, version = asked.challenger.name, asked.challenger.version
        begun = time.perf_counter()
        try:
            its = asked.challenger.network.run(asked.rows)
        except Exception:  # whatever a challenger does, nobody is to notice
            self._metrics.observe_shadow(name, version, failed=len(asked.rows))
            return
        self._metrics.observe_shadow_seconds(name, version, time.perf_counter() - begun)
        same = int((its.argmax(axis=1) == asked.answers.argmax(axis=1)).sum())
        self._metrics.observe_shadow(name, version, agreed=same, differed=len(its) - same)


def _step_back() -> None:
    """Let this thread run when no other wants to; Linux alone has priorities of threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
