"""One job a name, whoever submits it: what a submission means to a cluster that knows the job."""

from __future__ import annotations

from secateur.errors import JobConflictError
from serving.jobs.records import JobState, Submission


def next_attempt(submission: Submission, latest: JobState | None) -> Submission | None:
    """The attempt that a submission begins; nothing where the job goes on, or has succeeded.

    Args:
        submission: what is asked for.
        latest: how the job of that name stands.

    Raises:
        JobConflictError: the name is taken by another spec; or the job goes on, and was to be
            restarted.
    """
    if latest is None:
        return submission.model_copy(update={"attempt": 1})
    if submission.restart and not latest.over:
        raise JobConflictError(
            f"name: '{latest.name}' is {latest.phase}; stop it before it can be restarted"
        )
    if not submission.restart and submission.digest != latest.digest:
        raise JobConflictError(
            f"name: '{latest.name}' was submitted with another spec; choose another name, or "
            "pass --restart to discard the job once it has ended"
        )
    if not submission.restart and latest.phase not in {"failed", "stopped"}:
        return None
    return submission.model_copy(update={"attempt": latest.attempt + 1})


def no_such_job(name: str) -> JobConflictError:
    """That a cluster knows no job of a name."""
    return JobConflictError(f"name: '{name}' is no job of this cluster; secateur status lists them")
