"""A Ray cluster, through the REST interface of Ray's Jobs API.

Not through ``JobSubmissionClient``: it lets ``RAY_ADDRESS`` of the environment override the
address that it is given, waits for answers without end, and imports all of Ray.

Source: Ray, "Ray Jobs REST API", its OpenAPI document.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from importlib.metadata import version as installed_version
from itertools import count
from typing import Any, TypeVar

from secateur.errors import ClusterError, ClusterRefusedError
from serving.jobs import details, ray_token
from serving.jobs.attempts import next_attempt, no_such_job
from serving.jobs.patience import patiently
from serving.jobs.records import JobState, Submission
from serving.jobs.remote import Answer, Remote, failed

T = TypeVar("T")

_Found = tuple[Submission, dict[str, Any]]

EVERY_S = 1.0
"""Ray itself looks for new lines of a log no more often."""

_TRIES = 10
"""A head that has just started refuses jobs for some seconds."""


class RayCluster:
    """Jobs on a Ray cluster; see ``Cluster`` for what its methods promise.

    Args:
        address: of the head's dashboard, as ``http://head:8265``.
        environment: holds the token, see ``serving.jobs.ray_token``.
        every: seconds between two looks at a log that is followed, or at a head that takes no
            job yet.

    Raises:
        UserError: ``address`` is none, or the token cannot be read.
    """

    def __init__(
        self,
        address: str,
        environment: Mapping[str, str] = os.environ,
        every: float = EVERY_S,
    ) -> None:
        self._remote, self._every = Remote(address, ray_token.find(environment)), every

    def submit(self, submission: Submission) -> JobState:
        """Begin a job, or go on with it."""
        self._check_version()
        for _ in range(_TRIES):
            attempt = next_attempt(submission, self.find(submission.name))
            if attempt is not None:
                self._begin(attempt)
            # What others submitted at the same moment counts as what this did.
            found = self.find(submission.name)
            if found is not None and (attempt is None or found.attempt >= attempt.attempt):
                next_attempt(submission.model_copy(update={"restart": False}), found)
                return found
            time.sleep(self._every)
        raise ClusterError(f"{self._remote.address}: takes no job at the moment; try again later")

    def resume(self, name: str) -> JobState:
        """Submit a job again as it was last submitted."""
        return self.submit(self._latest(name)[0].again())

    def find(self, name: str) -> JobState | None:
        """How a job stands, by its latest attempt; nothing where there is no such job."""
        found = self._newest(name)
        return None if found is None else details.state(*found)

    def jobs(self) -> tuple[JobState, ...]:
        """How all jobs stand, those submitted first in front."""
        states: dict[str, JobState] = {}
        for told in self._ask("GET", "/api/jobs/", list):
            sent = details.submission_in(told.get("metadata"))
            if sent is None or told.get("type") != "SUBMISSION":
                continue
            if sent.name not in states or states[sent.name].attempt < sent.attempt:
                states[sent.name] = details.state(sent, told)
        return tuple(sorted(states.values(), key=lambda state: state.submitted or 0.0))

    def stop(self, name: str) -> JobState:
        """Have a job stopped so that it can be resumed."""
        for _ in range(_TRIES):
            sent, told = self._latest(name)
            state = details.state(sent, told)
            path = f"/api/jobs/{details.identity(sent.name, sent.attempt)}/stop"
            if state.over or self._ask("POST", path, dict).get("stopped"):
                return details.state(*self._latest(name))
            time.sleep(self._every)  # what Ray has just taken is not yet there to be stopped
        raise ClusterError(f"{self._remote.address}: does not stop '{name}'; try again later")

    def logs(self, name: str, follow: bool = False) -> Iterator[str]:
        """What the latest attempt of a job has printed."""
        sent, _ = self._latest(name)
        return self._lines(sent, follow)

    def version(self) -> str:
        """``Ray`` and its version."""
        return f"Ray {self._ray_version()}"

    def _lines(self, sent: Submission, follow: bool) -> Iterator[str]:
        told, look = 0, partial(self._look, sent, follow=follow)
        while True:
            over, log = patiently(look, self._every) if follow else look()
            # A line that is not at its end yet is told when it is.
            lines = [line for line in details.printed(log) if over or line.endswith("\n")]
            yield from (line.rstrip("\r\n") for line in lines[told:])
            told = len(lines)
            if over:
                return
            time.sleep(self._every)

    def _look(self, sent: Submission, *, follow: bool) -> tuple[bool, str]:
        """Whether no more will come, and the log."""
        path = f"/api/jobs/{details.identity(sent.name, sent.attempt)}"
        # In this order: what a job prints last is there once it has ended.
        answer = self._answer("GET", path)
        if _is_unknown(answer):  # by a head that came back without its jobs
            raise no_such_job(sent.name)
        over = not follow or self._content(answer, dict).get("status") in details.ENDED
        return over, self._ask("GET", f"{path}/logs", dict).get("logs") or ""

    def _newest(self, name: str) -> _Found | None:
        """The latest attempt of a job: what was submitted, and what Ray says of it.

        Attempts are asked for one by one: Ray's list holds every job that it ever had.
        """
        found = None
        for attempt in count(1):
            answer = self._answer("GET", f"/api/jobs/{details.identity(name, attempt)}")
            if _is_unknown(answer):
                break
            told = self._content(answer, dict)
            sent = details.submission_in(told.get("metadata"))
            if sent is None:
                raise ClusterError(f"{self._remote.address}: '{name}' is a job, but none of ours")
            found = sent, told
        return found

    def _latest(self, name: str) -> _Found:
        found = self._newest(name)
        if found is None:
            raise no_such_job(name)
        return found

    def _begin(self, attempt: Submission) -> None:
        """Hand an attempt to Ray, which may be too young for it, or have it already."""
        answer = self._answer("POST", "/api/jobs/", details.request(attempt))
        transient = ("already exists", "No available agent", "Failed to get head node agent")
        if answer.status != HTTPStatus.OK and not any(said in answer.text for said in transient):
            raise failed(self._remote.address, answer)

    def _check_version(self) -> None:
        there, here = self._ray_version(), installed_version("ray")
        if there != here:
            raise ClusterRefusedError(
                f"{self._remote.address}: runs Ray {there}, this is Ray {here}; "
                f"expected the same: install ray=={there} here, or submit through a gateway"
            )

    def _ray_version(self) -> str:
        return str(self._ask("GET", "/api/version", dict).get("ray_version", "of no version"))

    def _ask(self, method: str, path: str, kind: type[T]) -> T:
        return self._content(self._answer(method, path), kind)

    def _content(self, answer: Answer, kind: type[T]) -> T:
        """The JSON of an answer, which is of some kind where a Ray answers."""
        if answer.status != HTTPStatus.OK:
            raise failed(self._remote.address, answer)
        content = answer.json()
        if not isinstance(content, kind):
            raise ClusterError(f"{self._remote.address}: answers, but is no head of a Ray cluster")
        return content

    def _answer(self, method: str, path: str, content: object = None) -> Answer:
        answer = self._remote.ask(method, path, content)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise ClusterRefusedError(
                f"{self._remote.address}: asks for a token; set RAY_AUTH_TOKEN, or "
                "RAY_AUTH_TOKEN_PATH to the file that holds it"
            )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise ClusterRefusedError(
                f"{self._remote.address}: refuses this token; ask who runs the cluster for its own"
            )
        return answer


def _is_unknown(answer: Answer) -> bool:
    """Whether there is no such job."""
    return answer.status == HTTPStatus.NOT_FOUND and "does not exist" in answer.text
