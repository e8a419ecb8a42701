"""Workers that only exist as entries of a queue, for the real driver of a search.

Tune's controller, the searcher, every listener, the tracker and the snapshots of the state run as
in a job; in place of Ray's actors stands a queue that knows when the next report of each worker is
due.  So the driver of a thousand workers runs on a laptop, and shows what it costs.  What Ray
itself costs is missing here.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock, patch

import ray
from ray.air.execution._internal import TrackedActor
from ray.tune.execution import tune_controller
from ray.tune.result import DONE, RESULT_DUPLICATE

from benchmarks.scaling.work import Work, report
from search import trial_workers

_NAMES = count()
Figures = dict[str, float]


@dataclass
class Ledger:
    """What the driver spent, by what it was spent on.

    Attributes:
        steps: (kind of event, trials so far, processor seconds of the main thread).
        snapshots: (trials so far, processor seconds).
        waited: seconds that workers stood still, from when they were ready to when they went on.
        idle: seconds that the driver had nothing to do.
    """

    steps: list[tuple[str, int, float]] = field(default_factory=list)
    snapshots: list[tuple[int, float]] = field(default_factory=list)
    waited: float = 0.0
    idle: float = 0.0


class VirtualWorkers:
    """Stands in for ``RayActorManager``.

    Args:
        work: of a trial.
        start_seconds: until a worker is there.
        ledger: takes what the driver spends.
    """

    def __init__(self, work: Work, start_seconds: float, ledger: Ledger) -> None:
        self._work, self._start_seconds, self._ledger = work, start_seconds, ledger
        self._due: list[tuple[float, int, str, TrackedActor, Callable[[], None]]] = []
        self._order = count()
        self._epochs: dict[TrackedActor, int] = {}
        # The controller looks actors up in here.
        self._live_actors_to_ray_actors_resources: dict[TrackedActor, tuple[None, None]] = {}
        self._pending: set[TrackedActor] = set()
        self._mark, self._kind, self._trials = time.thread_time(), "", 0

    num_pending_actors = property(lambda self: len(self._pending))
    num_live_actors = property(lambda self: len(self._epochs))
    num_total_actors = property(lambda self: len(self._pending) + len(self._epochs))
    num_actor_tasks = property(lambda self: len(self._due))

    def add_actor(self, on_start: Callable[[TrackedActor], None], **_: Any) -> TrackedActor:
        """A worker begins to start."""
        actor = TrackedActor(next(_NAMES), on_start=on_start)
        self._pending.add(actor)

        def started() -> None:
            self._pending.discard(actor)
            self._epochs[actor] = 0
            self._live_actors_to_ray_actors_resources[actor] = (None, None)
            self._trials += 1
            on_start(actor)

        self._later(self._start_seconds, "turn", actor, started)
        return actor

    def schedule_actor_task(
        self,
        tracked_actor: TrackedActor,
        method_name: str,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        on_result: Callable[[TrackedActor, Any], None] | None = None,
        on_error: object = None,
        _return_future: bool = False,
    ) -> None:
        """The worker goes on, and says so when it is done."""
        if method_name == "stop" or on_result is None:
            return
        if method_name == "reset":
            self._epochs[tracked_actor] = 0
            self._trials += 1
            self._later(0.0, "turn", tracked_actor, lambda: on_result(tracked_actor, True))
            return
        assert method_name == "train", method_name
        epoch = self._epochs[tracked_actor] = self._epochs[tracked_actor] + 1
        if epoch > self._work.reports:
            done = {RESULT_DUPLICATE: True, DONE: True}
            self._later(0.0, "turn", tracked_actor, lambda: on_result(tracked_actor, done))
            return
        told = _filled(report(epoch, self._work), epoch, self._work)
        pause = self._work.seconds / self._work.reports
        self._later(pause, "report", tracked_actor, lambda: on_result(tracked_actor, told))

    def next(self, timeout: float | None = None) -> bool:
        """Handle the first event that is due; waits for it."""
        self._book()
        now = time.monotonic()
        if not self._due or self._due[0][0] > now + (timeout or 0.0):
            self._sleep(timeout or 0.0)
            return False
        at, _, self._kind, _, event = heapq.heappop(self._due)
        self._sleep(at - now)
        self._ledger.waited += max(0.0, now - at)
        event()
        return True

    def remove_actor(self, tracked_actor: TrackedActor, **_: Any) -> bool:
        """The worker is gone at once."""
        self._live_actors_to_ray_actors_resources.pop(tracked_actor, None)
        return self._epochs.pop(tracked_actor, None) is not None

    def is_actor_started(self, tracked_actor: TrackedActor) -> bool:
        """Whether it is there."""
        return tracked_actor in self._epochs

    def is_actor_failed(self, tracked_actor: TrackedActor) -> bool:
        """No virtual worker fails."""
        return False

    def clear_actor_task_futures(self, tracked_actor: TrackedActor) -> None:
        """A worker whose trial has ended has none."""

    def get_live_actors_resources(self) -> dict[str, float]:
        """A CPU each."""
        return {"CPU": float(len(self._epochs))}

    def cleanup(self) -> None:
        """Nothing is left."""

    def _later(
        self, seconds: float, kind: str, actor: TrackedActor, event: Callable[[], None]
    ) -> None:
        due = time.monotonic() + seconds
        heapq.heappush(self._due, (due, next(self._order), kind, actor, event))

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._ledger.idle += seconds
            time.sleep(seconds)

    def _book(self) -> None:
        """What was spent since the event before was for that, but for snapshots."""
        now = time.thread_time()
        if self._kind:
            self._ledger.steps.append((self._kind, self._trials, now - self._mark))
        self._mark, self._kind = now, ""

    def snapshot(self, seconds: float) -> None:
        """A snapshot of the state was written, at the expense of no event."""
        self._mark += seconds
        self._ledger.snapshots.append((self._trials, seconds))


def _filled(told: dict[str, Any], epoch: int, work: Work) -> dict[str, Any]:
    """A report with what Tune adds to it in the worker."""
    part = work.seconds / work.reports
    return told | {
        "timestamp": int(time.time()),
        "checkpoint_dir_name": None,
        DONE: False,
        "training_iteration": epoch,
        "date": "2026-01-01_00-00-00",
        "time_this_iter_s": part,
        "time_total_s": epoch * part,
        "pid": 1,
        "hostname": "worker",
        "node_ip": "127.0.0.1",
        "config": {},
        "time_since_restore": epoch * part,
        "iterations_since_restore": epoch,
        "began": 0.0,
        "process": 1,
    }


@contextmanager
def virtual_workers(work: Work, start_seconds: float) -> Iterator[Ledger]:
    """Let searches inside have virtual workers; what their driver spends is told."""
    ledger = Ledger()
    made: list[VirtualWorkers] = []

    def make(**_: Any) -> VirtualWorkers:
        made.append(VirtualWorkers(work, start_seconds, ledger))
        return made[-1]

    save = tune_controller.TuneController.save_to_dir

    def saved(controller: Any) -> None:
        began = time.thread_time()
        save(controller)
        made[-1].snapshot(time.thread_time() - began)

    with (
        TemporaryDirectory() as folder,
        # There is no Ray: nothing would ever run on it.
        patch("ray._private.worker._global_node", Mock(get_session_dir_path=lambda: folder)),
        patch.object(ray, "is_initialized", lambda: True),
        patch.object(ray, "cluster_resources", lambda: {"CPU": 1.0}),
        patch.object(ray, "nodes", lambda: [{"Alive": True, "Resources": {"CPU": 1.0}}]),
        patch.object(ray, "put", lambda value: value),
        patch.object(trial_workers, "install", lambda: None),
        patch.object(tune_controller, "RayActorManager", make),
        patch.object(tune_controller.TuneController, "save_to_dir", saved),
    ):
        yield ledger
