"""Reads what a job costs and how busy its machine is, while the job runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

import psutil
import ray

from search.ledger import Ledger
from secateur.machine_load import MachineLoad
from secateur.process_tree import ProcessTree
from secateur.records import Account, Spent

EVERY_S = 2.0
"""A process that ends between two readings takes up to so much of its time with it."""

SAMPLE_EVERY = 5
"""So many readings to a sample of the machine's load; a job killed loses what lies between."""

Report = Callable[[Mapping[str, float], int], None]
"""Takes the machine's load and the number of the sample, in a thread of the meter's."""


class Meter:
    """The account of one job, carried on from the times that it was begun before.

    Processor time is that of this process and of all that it started on this machine, Ray's
    own and its workers among them.  GPU time is how long GPUs were reserved with Ray.

    Args:
        ledger: of the job; keeps the account.
        report: takes the load of the machine.
    """

    def __init__(self, ledger: Ledger, report: Report) -> None:
        found = ledger.read("account", Account) or Account()
        self.account = found.model_copy(update={"begun": found.begun + 1})
        self._ledger, self._report = ledger, report
        self._tree, self._load = ProcessTree(), MachineLoad(ledger.folder)
        self._stage, self._cpu, self._clock = "", 0.0, time.monotonic()
        self._lock, self._over = Lock(), Event()
        self._thread = Thread(target=self._watch, name="meter", daemon=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Read every few seconds until the end."""
        self._sample()
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
            self._settle()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """What is spent meanwhile is the stage's."""
        self._settle(then=name)
        try:
            yield
        finally:
            self._settle(then="")

    def read(self) -> None:
        """Bring the account up to this moment."""
        with self._lock:
            clock, cpu = time.monotonic(), self._tree.cpu_seconds()
            seconds = clock - self._clock
            spent = Spent(
                seconds=seconds,
                cpu_seconds=cpu - self._cpu,
                gpu_seconds=seconds * _reserved_gpus(),
            )
            self._clock, self._cpu = clock, cpu
            self.account = self.account.plus(self._stage, spent)

    def _settle(self, then: str = "") -> None:
        self.read()
        with self._lock:
            self._ledger.write("account", Account, self.account)
            self._stage = then

    def _watch(self) -> None:
        readings = 0
        while not self._over.wait(EVERY_S):
            readings += 1
            # A machine that does not tell, or a full disk, is no reason to end the job.
            with suppress(psutil.Error, OSError):
                self.read()
                if readings % SAMPLE_EVERY == 0:
                    self._sample()

    def _sample(self) -> None:
        load = self._load.read()
        with self._lock:
            number = self.account.samples
            self.account = self.account.model_copy(update={"samples": number + 1})
            # Kept before it is told, so that no two samples have one number.
            self._ledger.write("account", Account, self.account)
        self._report(load, number)


def _reserved_gpus() -> float:
    """GPUs that tasks and actors of this cluster hold now, in shares."""
    if not ray.is_initialized() or not (there := ray.cluster_resources().get("GPU", 0.0)):
        return 0.0
    return float(there - ray.available_resources().get("GPU", 0.0))
