"""The thread that sends a journal to a store, in order, and never gives up."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Protocol

from secateur.tracking.journal import Batch, Journal
from secateur.tracking.operations import AnyOperation, Log
from secateur.tracking.store import RefusedError, Store

_BATCH = 500
_LONGEST_PAUSE_S = 60.0


class Listener(Protocol):
    """Hears how a shipper fares, in its thread."""

    def failed(self, error: Exception) -> None:
        """The store did not answer; it will be asked again."""
        ...

    def sent(self) -> None:
        """The store took some operations."""
        ...

    def refused(self, refusal: RefusedError) -> None:
        """The store will never take an operation, which was put aside."""
        ...


class Shipper:
    """Sends what a journal holds and will hold.

    Args:
        journal: written by others, and marked by this.
        store: asked by this thread alone.
        listener: hears how it goes.
        gather_s: how long an operation waits for company; what comes together is one call.
        pause_s: after a failure; each is twice the one before, up to a minute.
    """

    def __init__(
        self,
        journal: Journal,
        store: Store,
        listener: Listener,
        gather_s: float = 2.0,
        pause_s: float = 1.0,
    ) -> None:
        self._journal, self._store, self._listener = journal, store, listener
        self._gather_s, self._first_pause_s = gather_s, pause_s
        self._thread = threading.Thread(target=self._run, name="tracking", daemon=True)
        # Guards all that follows.
        self._news = threading.Condition()
        self._stopping = self._hurry = self._more = False
        self._failures = 0
        self._pause_s = pause_s
        self._error: Exception | None = None
        self.counted: Counter[str] = Counter()
        """What the store took: operations by kind, and for ``log`` the single metrics."""

    def wake(self) -> None:
        """Something was added to the journal."""
        with self._news:
            if self._thread.ident is None:
                self._thread.start()
            self._news.notify_all()

    def settle(self, within: float | None = None) -> None:
        """Wait until all that the journal holds now is sent.

        Args:
            within: seconds to wait; as long as the store answers where absent.

        Raises:
            Exception: what the store raised when it was asked meanwhile.
            TimeoutError: it takes longer.
        """
        goal = self._journal.size
        if self._journal.sent >= goal:
            return
        self.wake()
        with self._news:
            failures, self._hurry = self._failures, True
            self._news.notify_all()
            self._news.wait_for(
                lambda: self._journal.sent >= goal or self._failures > failures or self._stopping,
                within,
            )
            self._hurry = False
            if self._journal.sent >= goal:
                return
            if self._error is not None and self._failures > failures:
                raise self._error
            raise TimeoutError("it has not taken all in time")

    def stop(self) -> None:
        """Begin nothing more; an answer that is awaited is left to the thread."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread.is_alive() and self._journal.sent >= self._journal.size:
            self._thread.join()

    def _run(self) -> None:
        while self._due():
            try:
                batch = self._journal.unsent(_BATCH)
                assert batch is not None
                self._send(batch)
                self._note_success(batch)
            except Exception as error:  # whatever it is, the job goes on
                self._note_failure(error)

    def _due(self) -> bool:
        """Wait until there is something to send and the time to send it; not if that is never."""
        with self._news:
            self._news.wait_for(lambda: self._stopping or self._journal.sent < self._journal.size)
            if not self._more:
                pause = self._gather_s if self._error is None else self._pause_s
                self._news.wait_for(lambda: self._stopping or self._hurry, pause)
            return not self._stopping

    def _send(self, batch: Batch) -> None:
        doubtful = batch.doubtful or self._error is not None
        try:
            self._store.apply(batch.operations, doubtful=doubtful)
        except RefusedError:
            for operation in batch.operations:
                self._send_alone(operation)

    def _send_alone(self, operation: AnyOperation) -> None:
        try:
            self._store.apply((operation,), doubtful=True)
        except RefusedError as refusal:
            self._journal.refuse(operation)
            self._listener.refused(refusal)

    def _note_failure(self, error: Exception) -> None:
        self._listener.failed(error)
        with self._news:
            if self._error is not None:
                self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._error, self._more, self._hurry = error, False, False
            self._failures += 1
            self._news.notify_all()

    def _note_success(self, batch: Batch) -> None:
        self._listener.sent()
        with self._news:
            self._journal.mark(batch)
            self._error, self._pause_s = None, self._first_pause_s
            self._more = len(batch.operations) == _BATCH
            for operation in batch.operations:
                amount = len(operation.metrics) if isinstance(operation, Log) else 1
                self.counted[operation.kind] += amount
            self._news.notify_all()
