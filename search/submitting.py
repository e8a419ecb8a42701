"""Jobs on a cluster, as one person sees them: hand over, wait for the beginning, watch, stop."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from search.aligned import aligned
from search.display import duration
from secateur.errors import SpecError, UnreadableSpecError
from serving.jobs.attempts import no_such_job
from serving.jobs.lines import is_begin
from serving.jobs.port import Cluster
from serving.jobs.records import MOST_BYTES, JobState, Submission

Say = Callable[[str], None]

EVERY_S = 0.5
_HEAD = ("job", "phase", "attempt", "submitted", "for", "")


def submit(cluster: Cluster, file: Path, say: Say, *, restart: bool, wait: bool) -> int:
    """Hand the job of a file to a cluster.

    Args:
        cluster: takes it.
        file: holds its spec.
        say: takes lines for people.
        restart: discard what earlier attempts have done.
        wait: until the job has begun its first stage, or ended.

    Returns:
        An exit code: that of ``secateur run`` where the job has ended.

    Raises:
        SpecError: the file holds no sound job.
        ClusterError: the cluster does not answer.
        UserError: the cluster does not take the job.
    """
    submission = Submission.of(_text(file), str(file), restart=restart)
    before = cluster.find(submission.name)
    return _begun(cluster, before, cluster.submit(submission), say, wait=wait)


def resume(cluster: Cluster, name: str, say: Say, *, wait: bool) -> int:
    """Go on with a job that failed or was stopped; arguments and result as ``submit``.

    Raises:
        JobConflictError: there is no such job.
    """
    before = cluster.find(name)
    return _begun(cluster, before, cluster.resume(name), say, wait=wait)


def stop(cluster: Cluster, name: str, say: Say, *, wait: bool) -> None:
    """Stop a job, and wait until it has saved what it did.

    Raises:
        JobConflictError: there is no such job, or the cluster has forgotten it meanwhile.
    """
    state = cluster.stop(name)
    while wait and not state.over:
        time.sleep(EVERY_S)
        state = _known(cluster, name)
    goes_on = f"; secateur resume {name} goes on" if state.phase in {"stopped", "failed"} else ""
    say(f"{name}: {_phase(state) if state.over else 'stops'}{goes_on}")


def logs(cluster: Cluster, name: str, say: Say, *, follow: bool) -> int:
    """Print what a job has printed.

    Returns:
        The exit code of the job where it was followed, else 0.

    Raises:
        JobConflictError: there is no such job.
    """
    for line in cluster.logs(name, follow=follow):
        say(line)
    state = cluster.find(name)
    if not follow or state is None:
        return os.EX_OK
    if state.phase != "succeeded":
        say(f"{name}: {_phase(state)}")
    return state.code


def told(cluster: Cluster, name: str | None, *, as_json: bool) -> str:
    """How a job stands, or all of them: for people, or in JSON.

    Raises:
        JobConflictError: there is no such job.
    """
    if name is None:
        states = cluster.jobs()
        if as_json:
            return json.dumps([state.model_dump(mode="json") for state in states], indent=1)
        return _table(states, time.time())
    state = _known(cluster, name)
    if as_json:
        return state.model_dump_json(indent=1)
    last = [line for line in cluster.logs(name) if line.strip()][-1:]
    lines = [f"{name}: {_phase(state)}, attempt {state.attempt}", *last]
    return "\n  ".join(line.strip() for line in lines)


def _begun(
    cluster: Cluster, before: JobState | None, state: JobState, say: Say, *, wait: bool
) -> int:
    """Say what became of a submission, once its job has begun or ended."""
    name = state.name
    # A gateway may queue a job anew that never came to an attempt.
    fresh = before is None or before.attempt < state.attempt or (before.over and not state.over)
    if not fresh:
        say(f"{name}: {_phase(state)}, attempt {state.attempt}; nothing new was started")
        return state.code
    if state.phase == "queued":  # at a gateway, which may take hours
        say(f"{name}: submitted, attempt {state.attempt}; {_phase(state)}")
        return os.EX_OK
    say(f"{name}: submitted, attempt {state.attempt}")
    if not wait:
        return os.EX_OK
    for line in cluster.logs(name, follow=True):
        if is_begin(line, name):
            say(f"{line}; secateur logs {name} --follow shows how it goes")
            return os.EX_OK
    ended = cluster.find(name) or state
    say(f"{name}: {_phase(ended)}")
    return ended.code


def _known(cluster: Cluster, name: str) -> JobState:
    state = cluster.find(name)
    if state is None:
        raise no_such_job(name)
    return state


def _phase(state: JobState) -> str:
    return f"{state.phase}: {state.message}" if state.message else state.phase


def _table(states: tuple[JobState, ...], now: float) -> str:
    rows = [_HEAD, *(_row(state, now) for state in states)]
    if len(rows) == 1:
        return "no jobs yet"
    return aligned(rows)


def _row(state: JobState, now: float) -> tuple[str, ...]:
    ago = "" if state.submitted is None else f"{duration(max(0.0, now - state.submitted))} ago"
    lasted = (
        "" if state.started is None else duration(max(0.0, (state.ended or now) - state.started))
    )
    return state.name, state.phase, str(state.attempt), ago, lasted, state.message


def _text(file: Path) -> str:
    """What a spec's file holds, no more of it read than may be submitted."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableSpecError(str(file), str(error.strerror), "a readable YAML file") from None
    if len(content) > MOST_BYTES:
        raise SpecError(str(file), "its size", f"at most {MOST_BYTES:,} bytes to submit")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableSpecError(str(file), str(error), "YAML in UTF-8") from None
