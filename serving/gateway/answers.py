"""What the gateway answers."""

from __future__ import annotations

from secateur.records.base import Record
from serving.gateway.entries import Entry
from serving.gateway.quotas import Budget
from serving.jobs.records import JobState


class Job(JobState):
    """How a team's job stands.

    Attributes:
        client: who submitted it.
        priority: from 0; higher ones begin first.
        place: in the queue of all teams, from 1; absent where it does not wait.
        cpus: that it reserves while it runs.
        gpus: the same of GPUs.
        cpu_hours: that it has used, of all its attempts.
        gpu_hours: the same of GPUs.
    """

    client: str
    priority: int
    place: int | None = None
    cpus: float
    gpus: float
    cpu_hours: float = 0.0
    gpu_hours: float = 0.0

    @classmethod
    def of(cls, entry: Entry, place: int | None, cpu_hours: float, gpu_hours: float) -> Job:
        """What the journal says, under the name that the team gave."""
        return cls(
            name=entry.name,
            digest=entry.digest,
            attempt=max(1, entry.attempt),
            phase=entry.phase,
            message=entry.message or (f"place {place} in the queue" if place else ""),
            exit_code=entry.exit_code,
            submitted=entry.submitted,
            started=entry.started,
            ended=entry.ended,
            metadata=entry.labels,
            client=entry.client,
            priority=entry.priority,
            place=place,
            cpus=entry.cpus,
            gpus=entry.gpus,
            cpu_hours=cpu_hours,
            gpu_hours=gpu_hours,
        )


class JobList(Record):
    """Some of a team's jobs, the last submitted first.

    Attributes:
        jobs: at most as many as were asked for.
        next: what to give as ``before`` for those that follow; absent where none do.
    """

    jobs: tuple[Job, ...]
    next: int | None = None


class Usage(Record):
    """What a team uses, and what it may.

    Attributes:
        team: its name.
        running: jobs with the cluster.
        jobs_at_once: that may be.
        waiting: jobs in the queue.
        waiting_most: that may be.
        priority_max: highest priority of a job.
        cpu_hours: of this month.
        gpu_hours: of this month.
        renews: day on which hours are given anew, in UTC.
    """

    team: str
    running: int
    jobs_at_once: int
    waiting: int
    waiting_most: int
    priority_max: int
    cpu_hours: Budget
    gpu_hours: Budget
    renews: str


class Version(Record):
    """What answers.

    Attributes:
        secateur: version of the gateway.
    """

    secateur: str


class Live(Record):
    """That the gateway answers."""

    live: bool


class Ready(Record):
    """That the cluster answers too."""

    ready: bool
