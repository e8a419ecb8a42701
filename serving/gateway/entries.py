"""What a gateway knows of a job."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from serving.gateway.confine import cluster_name
from serving.gateway.costs import Reserve
from serving.jobs.records import ENDED, JobState, Phase, Submission

_STOPPING = "stopping: "
_TOKEN, _TEAM = "gateway.token", "gateway.team"


@dataclass(frozen=True)
class Entry:
    """A job in the journal, a column a field.

    Attributes:
        id: of the journal.
        team: whose job it is.
        name: that the team gave it.
        client: who submitted it.
        digest: of the spec as the team sent it.
        submission: what the cluster is handed, as JSON.
        metadata: that the client gave, as JSON.
        priority: from 0; higher ones begin first.
        cpus: that it reserves.
        gpus: that it reserves.
        turn: how often it was queued; with the id the token by which its attempt is known on
            the cluster, however often the gateway dies between asking and noting the answer.
        phase: ``queued`` until its turn has come, ``pending`` from then on until it runs.
        placed: whether the cluster is known to have this turn.
        stop: why it is to be stopped; empty where it is not.
        attempt: of the cluster; 0 where it has none yet.
        message: of the cluster, or of the gateway.
        exit_code: of the cluster.
        submitted: when it was queued.
        begun: when its turn had come.
        started: when its process began.
        ended: when that ended.
    """

    id: int
    team: str
    name: str
    client: str
    digest: str
    submission: str
    metadata: str
    priority: int
    cpus: float
    gpus: float
    turn: int
    phase: Phase
    placed: bool
    stop: str
    attempt: int
    message: str
    exit_code: int | None
    submitted: float
    begun: float | None
    started: float | None
    ended: float | None

    @property
    def cluster_name(self) -> str:
        """What the cluster calls it."""
        return cluster_name(self.team, self.name)

    @property
    def token(self) -> str:
        """Of this turn, in the metadata of what the cluster is handed."""
        return f"{self.id}.{self.turn}"

    @property
    def over(self) -> bool:
        """Whether it goes on no more."""
        return self.phase in ENDED

    @property
    def stopping(self) -> bool:
        """Whether the cluster has been told to stop it."""
        return self.message.startswith(_STOPPING)

    @property
    def labels(self) -> dict[str, str]:
        """Metadata that the client gave."""
        return dict(json.loads(self.metadata))

    @property
    def reserve(self) -> Reserve:
        """What it reserves while it runs."""
        return Reserve(self.cpus, self.gpus)

    def handed(self) -> Submission:
        """What the cluster is handed for this turn, by the version that is installed now."""
        content = Submission.from_json(self.submission).here()
        own = {_TOKEN: self.token, _TEAM: self.team}
        return content.model_copy(update={"metadata": self.labels | own})

    def is_told_of(self, state: JobState) -> bool:
        """Whether the cluster tells of this turn, not of an earlier one."""
        return state.metadata.get(_TOKEN) == self.token


def news(entry: Entry, state: JobState, now: float) -> dict[str, Any]:
    """What the cluster says of a job beyond what is known; columns of the journal.

    Args:
        entry: of the job.
        state: of the same turn.
        now: seconds since 1970, for an end that the cluster does not date.
    """
    said = {
        "phase": state.phase,
        "placed": True,
        "attempt": state.attempt,
        "message": _message(entry, state),
        "exit_code": state.exit_code,
        "started": state.started,
        "ended": (state.ended or now) if state.over else None,
    }
    return {name: value for name, value in said.items() if getattr(entry, name) != value}


def _message(entry: Entry, state: JobState) -> str:
    if entry.stop and (state.phase == "stopped" or not state.over):
        return entry.stop if state.over else f"{_STOPPING}{entry.stop}"
    return state.message
