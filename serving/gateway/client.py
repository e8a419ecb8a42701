"""A gateway as a cluster: what ``secateur submit --gateway`` talks to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from secateur import yaml_file
from secateur.errors import ClusterError, ClusterRefusedError, JobConflictError, UserError
from secateur.records.base import Record
from secateur.spec.reading import JOB
from serving.gateway.answers import Job, JobList, Usage, Version
from serving.jobs.attempts import no_such_job
from serving.jobs.patience import patiently
from serving.jobs.ray_cluster import EVERY_S
from serving.jobs.records import JobState, Submission
from serving.jobs.remote import Answer, Remote

T = TypeVar("T", bound=Record)

_PAGE = 200
_REFUSED: dict[int, type[UserError]] = {
    HTTPStatus.UNAUTHORIZED: ClusterRefusedError,
    HTTPStatus.FORBIDDEN: ClusterRefusedError,
    HTTPStatus.TOO_MANY_REQUESTS: ClusterRefusedError,
    HTTPStatus.CONFLICT: JobConflictError,
}


class GatewayCluster:
    """Jobs of a team behind a gateway; see ``Cluster`` for what its methods promise.

    Args:
        url: of the gateway, as ``http://gateway:8001``.
        key: that says who asks, and so which team; none where absent.
        priority: of what is submitted.
        every: seconds between two looks at a log that is followed.

    Raises:
        UserError: ``url`` is no address, or the key no header.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        priority: int = 0,
        every: float = EVERY_S,
    ) -> None:
        self._remote, self._priority, self._every = Remote(url, key), priority, every

    def submit(self, submission: Submission) -> JobState:
        """Queue a job, or go on with it."""
        asked = {
            "version": submission.version,
            "priority": self._priority,
            "restart": str(submission.restart).lower(),
            "metadata": [f"{name}={value}" for name, value in submission.metadata.items()],
        }
        spec = yaml_file.parse(submission.spec, submission.name, JOB)
        return self._job("POST", f"/v1/jobs?{urlencode(asked, doseq=True)}", submission.name, spec)

    def resume(self, name: str) -> JobState:
        """Queue a job again that failed or was stopped."""
        return self._job("POST", f"{_path(name)}/resume", name)

    def find(self, name: str) -> JobState | None:
        """How a job stands; nothing where the team has no such job."""
        answer = self._remote.ask("GET", _path(name))
        if answer.status == HTTPStatus.NOT_FOUND:
            self._check_gateway()
            return None
        return _state(self._read(answer, Job))

    def jobs(self) -> tuple[JobState, ...]:
        """How all jobs of the team stand, those submitted first in front."""
        found: list[JobState] = []
        before: int | None = None
        while True:
            place = {} if before is None else {"before": before}
            path = f"/v1/jobs?{urlencode({'limit': _PAGE} | place)}"
            page = self._read(self._remote.ask("GET", path), JobList)
            found += map(_state, page.jobs)
            if page.next is None:
                return tuple(reversed(found))
            before = page.next

    def stop(self, name: str) -> JobState:
        """Have a job stopped, or taken out of the queue."""
        return self._job("DELETE", _path(name), name)

    def logs(self, name: str, follow: bool = False) -> Iterator[str]:
        """What the latest attempt of a job has printed."""
        if self.find(name) is None:
            raise no_such_job(name)
        return self._lines(name, follow)

    def version(self) -> str:
        """``Sécateur`` and the gateway's version."""
        return f"Sécateur {self._version().secateur}"

    def usage(self) -> Usage:
        """What the team uses, and what it may."""
        return self._read(self._remote.ask("GET", "/v1/usage"), Usage)

    def _lines(self, name: str, follow: bool) -> Iterator[str]:
        told, last = 0, [""]
        while True:
            look = partial(self._look, name, told, follow=follow)
            over, lines = patiently(look, self._every) if follow else look()
            # The last one may still grow, unless it did not since it was seen last.
            ended = lines if over or lines == last else lines[:-1]
            yield from ended
            told, last = told + len(ended), lines[len(ended) :]
            if over:
                return
            time.sleep(self._every)

    def _look(self, name: str, told: int, *, follow: bool) -> tuple[bool, list[str]]:
        """Whether no more will come, and the lines that follow those that were told."""
        # In this order: what a job prints last is there once it has ended.
        state = self.find(name) if follow else None
        answer = self._remote.ask("GET", f"{_path(name)}/logs?skip={told}")
        self._check(answer)
        return state is None or state.over, answer.text.split("\n")[:-1]

    def _version(self) -> Version:
        return self._read(self._remote.ask("GET", "/v1/version"), Version)

    def _check_gateway(self) -> None:
        """Tell a gateway that does not know a job from something that is no gateway."""
        self._version()

    def _job(self, method: str, path: str, name: str, content: object = None) -> JobState:
        answer = self._remote.ask(method, path, content)
        if answer.status == HTTPStatus.NOT_FOUND:
            self._check_gateway()
            raise no_such_job(name)
        return _state(self._read(answer, Job))

    def _read(self, answer: Answer, kind: type[T]) -> T:
        self._check(answer)
        try:
            return kind.from_json(answer.content)
        except ValidationError:
            raise ClusterError(
                f"{self._remote.address}: answers, but is no gateway of this version"
            ) from None

    def _check(self, answer: Answer) -> None:
        if answer.status < HTTPStatus.BAD_REQUEST:
            return
        content: Any = answer.json()
        said = content.get("error") if isinstance(content, dict) else None
        message = f"{self._remote.address}: {said or f'answers {answer.status}'}"
        if said and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _REFUSED.get(answer.status, UserError)(message)
        raise ClusterError(message)


def _path(name: str) -> str:
    return f"/v1/jobs/{quote(name, safe='')}"


def _state(job: Job) -> JobState:
    """What every cluster says of a job."""
    return JobState(**{name: getattr(job, name) for name in JobState.model_fields})
