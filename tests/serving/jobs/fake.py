"""A cluster in memory, whose jobs do what a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from secateur.errors import ClusterError, ClusterRefusedError
from serving.jobs.attempts import next_attempt, no_such_job
from serving.jobs.records import JobState, Phase, Submission


class FakeCluster:
    """Keeps what is submitted; its jobs stay pending until a test moves them on.

    Attributes:
        submissions: all attempts that began, in their order.
        away: whether the cluster does not answer.
        locked: whether it does not know who asks.

    Args:
        installed: version of Sécateur that is installed there; any where absent.
    """

    def __init__(self, installed: str | None = None) -> None:
        self.submissions: list[Submission] = []
        self.away = self.locked = False
        self._installed = installed
        self._states: dict[str, JobState] = {}
        self._lines: dict[str, list[str]] = {}
        self._changed = threading.Condition()

    def submit(self, submission: Submission) -> JobState:
        with self._answering():
            attempt = next_attempt(submission, self._states.get(submission.name))
            if attempt is None:
                return self._states[submission.name]
            if self._installed not in {None, submission.version}:
                raise ClusterRefusedError(
                    f"version: {submission.version} submitted, {self._installed} installed"
                )
            self.submissions.append(attempt)
            self._lines[attempt.name] = []
            self._states[attempt.name] = JobState(
                name=attempt.name,
                digest=attempt.digest,
                attempt=attempt.attempt,
                phase="pending",
                submitted=time.time(),
                metadata=attempt.metadata,
            )
            return self._states[attempt.name]

    def resume(self, name: str) -> JobState:
        with self._answering():
            self._known(name)
            last = next(each for each in reversed(self.submissions) if each.name == name)
        return self.submit(last.again())

    def find(self, name: str) -> JobState | None:
        with self._answering():
            return self._states.get(name)

    def jobs(self) -> tuple[JobState, ...]:
        with self._answering():
            return tuple(sorted(self._states.values(), key=lambda state: state.submitted or 0.0))

    def stop(self, name: str) -> JobState:
        with self._answering():
            if self._known(name).over:
                return self._states[name]
        self.end(name, "stopped")
        return self._states[name]

    def logs(self, name: str, follow: bool = False) -> Iterator[str]:
        with self._answering():
            self._known(name)
        return self._printed(name, follow)

    def version(self) -> str:
        with self._answering():
            return "a fake of Ray"

    # What happens to its jobs.

    def begin(self, name: str) -> None:
        """The process of a job runs."""
        self._move(name, phase="running", started=time.time())

    def print(self, name: str, *lines: str) -> None:
        """A job prints."""
        with self._changed:
            self._lines[name].extend(lines)
            self._changed.notify_all()

    def finish(self, name: str, code: int = 0, *lines: str) -> None:
        """The process of a job prints and ends, as ``secateur run`` does with this exit code."""
        self.print(name, *lines)
        phase: Phase = {0: "succeeded", 3: "succeeded", 130: "stopped"}.get(code, "failed")
        told = lines[-1].removeprefix("secateur: ").removeprefix("error: ") if lines else ""
        self.end(name, phase, told if code else "", code)

    def end(self, name: str, phase: Phase, message: str = "", exit_code: int | None = None) -> None:
        """A job ends."""
        self._move(name, phase=phase, message=message, exit_code=exit_code, ended=time.time())

    def _move(self, name: str, **news: object) -> None:
        with self._changed:
            self._states[name] = self._states[name].model_copy(update=news)
            self._changed.notify_all()

    def _printed(self, name: str, follow: bool) -> Iterator[str]:
        told = 0
        while True:
            with self._changed:
                while follow and not self._states[name].over and told == len(self._lines[name]):
                    self._changed.wait()
                lines = self._lines[name][told:]
                over = not follow or self._states[name].over
            yield from lines
            told += len(lines)
            if over:
                return

    def _answering(self) -> threading.Condition:
        if self.away:
            raise ClusterError("the cluster does not answer")
        if self.locked:
            raise ClusterRefusedError("the cluster refuses the token")
        return self._changed

    def _known(self, name: str) -> JobState:
        if name not in self._states:
            raise no_such_job(name)
        return self._states[name]
