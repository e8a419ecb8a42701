"""The gateway's settings: which cluster, which teams, and what each of them may ask for.

``load`` reads a YAML file into a ``GatewaySpec`` or raises a ``SpecError`` that names the
field, the value and what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from secateur import yaml_file
from secateur.spaces import Frozen
from secateur.validation import validated
from serving.limits import Limits
from serving.spec import AbsolutePath, ServeSpec

NEEDS = "of a gateway's settings, with at least 'teams'"
HOME = "SECATEUR_HOME"
FOLDER = ".gateway"
"""Below the folder of jobs, of which none can be called so."""

# Without a dot: it parts a team's name from those of its jobs.
TeamName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,23}$")]
Client = Annotated[str, StringConstraints(pattern=r"^[!-.0-~]{1,64}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
Hours = Annotated[float, Field(ge=0)]


class TeamSpec(Frozen):
    """What a team may ask for.

    Attributes:
        keys: SHA-256 of each client's key, in hexadecimal, by the client's name.
        jobs_at_once: that run; more of them wait.
        waiting: jobs that may wait; more are refused.
        priority_max: highest priority of a job, from 0; higher ones begin first.
        cpu_hours: of a calendar month (UTC); any number where absent.
        gpu_hours: the same of GPUs.
        stop_overspent: whether jobs that run are stopped when the hours are spent, to be
            resumed when they renew; otherwise they run to their end.
        job_cpus: most CPUs that one job may reserve; any number where absent.
        job_gpus: the same of GPUs.
    """

    keys: dict[Client, Digest] = Field(min_length=1)
    jobs_at_once: int = Field(default=1, ge=1)
    waiting: int = Field(default=100, ge=1)
    priority_max: int = Field(default=0, ge=0, le=100)
    cpu_hours: Hours | None = None
    gpu_hours: Hours | None = None
    stop_overspent: bool = False
    job_cpus: float | None = Field(default=None, ge=1)
    job_gpus: float | None = Field(default=None, ge=0)


def _check_apart(clients: Iterable[Mapping[str, str]]) -> None:
    """Refuse a key that two clients have."""
    digests = [digest.lower() for keys in clients for digest in keys.values()]
    if len(set(digests)) < len(digests):
        raise ValueError("keys that belong to one client each")


class GatewaySpec(Frozen):
    """One gateway in front of one cluster.

    Attributes:
        teams: by their names.
        operators: SHA-256 of the keys that open ``/metrics``, by clients' names; it is not
            there where no key opens it.
        address: of Ray's Jobs API.
        host: address to listen on.
        port: to listen on; 0 for any that is free.
        jobs_at_once: that the cluster plays, of all teams together; more of them wait.
        cpus: of the whole cluster: no job is charged for more. What its spec asks for where
            absent.
        gpus: the same of GPUs.
        rise_hours: that a job waits for its priority to rise by one, so that none waits for ever.
        poll_seconds: between looks at the cluster.
        keep_days: that a job is remembered after its end, from 31, so that the hours of a month
            are counted.
        limits: bounds on requests.
        folder: for the journal, not shared with another gateway.
        access_log: file that takes a line a request; the replica's output where absent.
        log: file that takes what happens to jobs; the replica's output where absent.
    """

    teams: dict[TeamName, TeamSpec] = Field(min_length=1)
    operators: dict[Client, Digest] = {}
    address: str = Field(default="http://127.0.0.1:8265", pattern=r"^https?://[^\s/]+")
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8001, ge=0, le=65535)
    jobs_at_once: int = Field(default=4, ge=1)
    cpus: float | None = Field(default=None, ge=1)
    gpus: float | None = Field(default=None, ge=0)
    rise_hours: float = Field(default=24.0, gt=0)
    poll_seconds: float = Field(default=2.0, gt=0, le=60)
    keep_days: float = Field(default=365.0, ge=31)
    limits: Limits = Limits()
    folder: AbsolutePath
    access_log: AbsolutePath | None = None
    log: AbsolutePath | None = None

    @field_validator("teams")
    @classmethod
    def _teams_apart(cls, teams: dict[str, TeamSpec]) -> dict[str, TeamSpec]:
        _check_apart(team.keys for team in teams.values())
        return teams

    @field_validator("operators")
    @classmethod
    def _operators_apart(cls, operators: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        teams: dict[str, TeamSpec] = info.data.get("teams", {})
        _check_apart([operators, *(team.keys for team in teams.values())])
        return operators

    def front(self) -> ServeSpec:
        """What Serve should listen on."""
        return ServeSpec(
            host=self.host,
            port=self.port,
            ingress="serve",
            limits=self.limits,
            access_log=self.access_log,
            log=self.log,
        )


def load(
    path: Path,
    said: Mapping[str, Any] = MappingProxyType({}),
    environment: Mapping[str, str] = os.environ,
) -> GatewaySpec:
    """Read and validate a gateway's file.

    Args:
        path: of the file.
        said: fields that count for more than the file's, where they are not None.
        environment: names the folder of jobs, below which the gateway has its own.

    Raises:
        SpecError: the file is absent or no YAML, or a field is unknown, of a wrong type
            or out of range.
    """
    own = Path(environment.get(HOME) or "runs").absolute() / FOLDER
    files = {"folder": own, "access_log": own / "access.log", "log": own / "gateway.log"}
    given = {name: value for name, value in said.items() if value is not None}
    return parse(files | yaml_file.read(path, NEEDS) | given)


def parse(content: dict[str, Any]) -> GatewaySpec:
    """Validate a gateway given as a mapping; raises as ``load`` does."""
    return validated(GatewaySpec, content)
