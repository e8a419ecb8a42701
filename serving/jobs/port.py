"""What a cluster is to those who hand it jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from serving.jobs.records import JobState, Submission


class Cluster(Protocol):
    """Takes jobs and plays them.  A job has its name for good: it is one, whoever submits it.

    Every method may raise ``ClusterError`` where the cluster does not answer, and
    ``ClusterRefusedError`` where it does not know who asks.
    """

    def submit(self, submission: Submission) -> JobState:
        """Begin a job, or go on with it.

        The same job again starts nothing while it waits, runs or has succeeded, and another
        attempt where it failed or was stopped.  With ``restart`` a job that runs no more
        begins anew, with any spec.

        Returns:
            How the job stands now.

        Raises:
            JobConflictError: the name is taken by another spec; or the job runs, and was to
                be restarted.
            ClusterRefusedError: the cluster does not take the job, as one of another version.
        """
        ...

    def resume(self, name: str) -> JobState:
        """Submit a job again as it was last submitted.

        Raises:
            JobConflictError: there is no such job.
        """
        ...

    def find(self, name: str) -> JobState | None:
        """How a job stands, by its latest attempt; nothing where there is no such job."""
        ...

    def jobs(self) -> tuple[JobState, ...]:
        """How all jobs stand, those submitted first in front."""
        ...

    def stop(self, name: str) -> JobState:
        """Have a job stopped so that it can be resumed; it may take a minute to end.

        Returns:
            How the job stands; one that has ended stays as it is.

        Raises:
            JobConflictError: there is no such job.
        """
        ...

    def logs(self, name: str, follow: bool = False) -> Iterator[str]:
        """What the latest attempt of a job has printed, line after line without their ends.

        Args:
            name: of the job.
            follow: go on until the attempt ends.

        Raises:
            JobConflictError: there is no such job.
        """
        ...

    def version(self) -> str:
        """What answers, and its version, as ``Ray 2.60.0``."""
        ...
