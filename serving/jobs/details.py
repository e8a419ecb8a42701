"""How Ray keeps a submission among its jobs, and what it says of it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from io import StringIO
from typing import Any

from pydantic import ValidationError

from secateur.errors import ClusterError, GateError
from serving.jobs.records import JobState, Phase, Submission

ENTRYPOINT = "exec secateur play"
"""Finds its submission in the metadata of its job, see ``search.submitted``."""

STOP_WAIT_S = 60
"""Between the signal that asks a job to stop and the one that kills it; Ray gives 3 s."""

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED"})
"""What Ray calls jobs that run no more."""

# Ray calls a failure what `secateur run` tells apart: all done, and stopped by a signal.
_NO_FAILURES: dict[int | None, Phase] = {
    GateError.exit_code: "succeeded",
    128 + signal.SIGINT: "stopped",
}
_NOT_FOUND = 127
_BEGUN = "Running entrypoint for job "
"""Ray's own last line in a job's log, in front of what the job prints."""
_FIELDS = ("name", "spec", "digest", "version", "attempt", "restart")
_PREFIX = "secateur."
_PHASES: dict[str, Phase] = {
    "PENDING": "pending",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "STOPPED": "stopped",
}
_OURS = "secateur: "
_LONGEST = 1000
"""Of a reason, in characters."""


def request(submission: Submission) -> dict[str, Any]:
    """What Ray's Jobs API is asked for; the process on the head reserves nothing."""
    return {
        "submission_id": identity(submission.name, submission.attempt),
        "entrypoint": ENTRYPOINT,
        "entrypoint_num_cpus": 0,
        "metadata": metadata(submission),
        "runtime_env": {"env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(STOP_WAIT_S)}},
    }


def identity(name: str, attempt: int) -> str:
    """What Ray calls an attempt at a job; it takes no second one of that name."""
    return f"secateur-{name}-{attempt}"


def metadata(submission: Submission) -> dict[str, str]:
    """A submission as metadata of a job, whose values are texts."""
    fields = submission.model_dump(mode="json", include=set(_FIELDS))
    return submission.metadata | {f"{_PREFIX}{name}": str(fields[name]) for name in _FIELDS}


def submission_in(metadata: Mapping[str, str] | None) -> Submission | None:
    """The submission that a job's metadata holds; nothing where the job is none of ours."""
    given = dict(metadata or {})
    fields: dict[str, Any] = {name: given.pop(f"{_PREFIX}{name}", None) for name in _FIELDS}
    try:
        return Submission.model_validate(fields | {"metadata": given})
    except ValidationError:
        return None


def state(sent: Submission, told: Mapping[str, Any]) -> JobState:
    """How an attempt stands.

    Args:
        sent: what was submitted.
        told: of the job by Ray's Jobs API.

    Raises:
        ClusterError: Ray tells it otherwise than this version knows.
    """
    try:
        status, began, code = told["status"], told["start_time"] / 1000, told["driver_exit_code"]
        phase = _PHASES[status]
    except (KeyError, TypeError) as error:
        job = identity(sent.name, sent.attempt)
        raise ClusterError(f"{job}: Ray says nothing usable of {error}") from None
    failed, ended = phase == "failed", told.get("end_time")
    return JobState(
        name=sent.name,
        digest=sent.digest,
        attempt=sent.attempt,
        phase=_NO_FAILURES.get(code, phase) if failed else phase,
        message=_reason(told.get("message") or "", code) if failed else "",
        exit_code=None if code is None or code < 0 or code == _NOT_FOUND else code,
        submitted=began,
        started=None if phase == "pending" else began,
        ended=None if ended is None else ended / 1000,
        metadata=sent.metadata,
    )


def printed(log: str) -> list[str]:
    """The lines of a job's log that the job itself printed, with their ends.

    A line ends where the job ended it: the carriage returns of a progress bar are part of one.
    """
    _, begun, rest = log.partition(_BEGUN)
    return list(StringIO(rest, newline="\n"))[1:] if begun else []


def _reason(message: str, code: int | None) -> str:
    """Why a job failed, out of the last lines of its log, which Ray repeats below its own."""
    if code == _NOT_FOUND:
        return "no secateur on the PATH of the cluster's head; expected one in its image"
    lines = message.splitlines()
    if code is not None:
        lines = printed(message) if _BEGUN in message else lines[1:]
    told = [part.strip() for line in lines for part in line.splitlines() if part.strip()]
    ours = [line for line in told if line.startswith(_OURS)]
    if ours:
        return ours[-1].removeprefix(_OURS).removeprefix("error: ")[:_LONGEST]
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}"
    return told[-1][:_LONGEST] if told else f"ended with exit code {code} without a word"
