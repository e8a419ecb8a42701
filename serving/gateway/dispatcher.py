"""Moves jobs on: from the queue to the cluster, and what the cluster says into the journal."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice

from secateur.errors import ClusterError, ClusterRefusedError, SecateurError, UserError
from serving.gateway.entries import Entry, news
from serving.gateway.journal import Journal
from serving.gateway.quotas import Quotas
from serving.gateway.spec import GatewaySpec
from serving.gateway.turns import Standing, in_turn
from serving.jobs.port import Cluster
from serving.jobs.records import JobState

logger = logging.getLogger(__name__)

LOST = "the cluster knows nothing of it any more; resume it to go on from its folder"
_HOUR_S, _DAY_S = 3600.0, 86400.0
_SILENCE_S = 15.0


class Dispatcher:
    """Alone talks to the cluster about starting and stopping, so that no job is begun twice.

    It may die between any two steps. A job's turn is noted before the cluster is asked to begin
    it, and what is handed over bears the turn's token: where the note is there but not the
    answer, the cluster is asked for the token before it is asked to begin.

    Args:
        journal: of all jobs.
        cluster: that plays them.
        spec: of the gateway.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        journal: Journal,
        cluster: Cluster,
        spec: GatewaySpec,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._complaint, self._asked = "the cluster has not been asked yet", 0.0
        self._journal, self._cluster, self._spec, self._clock = journal, cluster, spec, clock
        self._quotas = Quotas(journal, spec.teams, clock)
        self._tidied = float("-inf")
        self._awake, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    @property
    def complaint(self) -> str:
        """Why the cluster could not be asked the last time, or now; empty where it can be."""
        # Read once: the thread that asks sets it to 0 whenever it has its answer.
        asked = self._asked
        silent = time.monotonic() - asked if asked else 0.0
        if silent > _SILENCE_S:
            return f"the cluster has not answered for {silent:.0f} seconds"
        return self._complaint

    @property
    def alive(self) -> bool:
        """Whether it looks after the jobs by itself."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Look after the jobs from now on, in a thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once, not only at the next time."""
        self._awake.set()

    def stop(self) -> None:
        """End after what is in hand."""
        self._ended.set()
        self._awake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.turn()
            except Exception:
                # What nobody foresaw must not end the service; the next look begins afresh.
                logger.exception("looking after the jobs failed")
                self._complaint = "looking after the jobs failed; the gateway's log says why"
            self._awake.wait(self._spec.poll_seconds)
            # After the wait: who wakes it from here on is seen by the turn that follows.
            self._awake.clear()

    def turn(self) -> None:
        """Look after all jobs once."""
        self._forget()
        self._asked = time.monotonic()
        try:
            troubles = self._follow()
            self._stop_overspent()
            self._begin()
            troubles += self._place()
        except SecateurError as error:
            self._complain(str(error))
        else:
            self._complain(troubles[-1] if troubles else "")
        finally:
            self._asked = 0.0

    def _forget(self) -> None:
        """Once an hour, let go of jobs that ended long ago."""
        now = self._clock()
        if now - self._tidied < _HOUR_S:
            return
        self._tidied = now
        if count := self._journal.forget(now - self._spec.keep_days * _DAY_S):
            logger.info("forgotten: %d jobs that ended long ago", count)

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            logger.warning("cluster: %s", complaint or "answers")
        self._complaint = complaint

    def _follow(self) -> list[str]:
        """Learn how the jobs stand, and have those stopped that are to be.

        Returns:
            Why the cluster did not stop some of them, a line each; it is told again.
        """
        troubles: list[str] = []
        states = {state.name: state for state in self._cluster.jobs()}
        for entry in self._journal.live():
            if not entry.placed:
                continue
            self._asked = time.monotonic()
            state = states.get(entry.cluster_name) or self._cluster.find(entry.cluster_name)
            if state is None:
                self._end(entry, "failed", LOST)
                continue
            if entry.stop and not entry.stopping and not state.over:
                try:
                    state = self._cluster.stop(entry.cluster_name)
                except ClusterError as error:
                    troubles.append(str(error))  # jobs of others are not kept waiting
                    continue
            self._learn(entry, state)
        return troubles

    def _learn(self, entry: Entry, state: JobState) -> None:
        said = news(entry, state, self._clock())
        if self._journal.change(entry, **said) and said.get("phase"):
            logger.info("%s: %s %s", entry.cluster_name, state.phase, state.message)

    def _end(self, entry: Entry, phase: str, message: str) -> None:
        self._journal.change(entry, phase=phase, message=message, ended=self._clock())
        logger.info("%s: %s %s", entry.cluster_name, phase, message)

    def _stop_overspent(self) -> None:
        """Have jobs stopped whose team has no hours left for them, where that is asked for."""
        teams = self._spec.teams
        live = [
            entry
            for entry in self._journal.live()
            if not entry.stop and entry.team in teams and teams[entry.team].stop_overspent
        ]
        reasons = self._quotas.lacking(live)
        for entry in live:
            if entry.id in reasons:
                self._journal.change(entry, stop=reasons[entry.id])
                self.wake()

    def _begin(self) -> None:
        """Note whose turn has come, and why that of others has not."""
        live, waiting = self._journal.live(), self._journal.waiting()
        reasons = self._quotas.lacking(waiting)
        for entry in waiting:
            if entry.message != (reason := reasons.get(entry.id, "")):
                self._journal.change(entry, message=reason)
        allowed = [entry for entry in waiting if entry.id not in reasons]
        standing = Standing(Counter(entry.team for entry in live), self._journal.last_begun())
        most = {name: team.jobs_at_once for name, team in self._spec.teams.items()}
        rise = self._spec.rise_hours * _HOUR_S
        turns = in_turn(allowed, standing, self._clock(), rise, most)
        for entry in islice(turns, max(0, self._spec.jobs_at_once - len(live))):
            self._journal.change(entry, phase="pending", message="", begun=self._clock())

    def _place(self) -> list[str]:
        """Hand jobs to the cluster whose turn has come, once each.

        Returns:
            Why it did not take some of them, a line each; they are handed to it again.
        """
        troubles: list[str] = []
        for entry in self._journal.live():
            if entry.placed:
                continue
            self._asked = time.monotonic()
            state = self._cluster.find(entry.cluster_name)
            if state is not None and entry.is_told_of(state):
                self._learn(entry, state)
            elif entry.stop:
                self._end(entry, "stopped", entry.stop)
            elif trouble := self._submit(entry):
                troubles.append(trouble)
        return troubles

    def _submit(self, entry: Entry) -> str:
        """Begin a job; why the cluster did not take it, in a line, where it did not."""
        try:
            state = self._cluster.submit(entry.handed())
        except (ClusterError, ClusterRefusedError) as error:
            # Not the job's fault, as far as can be known; those behind it are not kept waiting.
            self._journal.change(entry, message=str(error))
            return str(error)
        except UserError as error:
            self._end(entry, "failed", str(error))
        else:
            self._learn(entry, state)
        return ""
