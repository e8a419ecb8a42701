"""What is handed to a cluster, and how the cluster says that it stands."""

from __future__ import annotations

import os
import signal
from importlib.metadata import version as installed_version
from typing import Literal, Self

from pydantic import Field, field_validator

from secateur import yaml_file
from secateur.errors import SpecError
from secateur.records.base import Record
from secateur.spec import AnySpec, LimitsSpec, parse
from secateur.spec.common import JOB_NAME
from secateur.spec.reading import JOB

MOST_BYTES = 32_768
"""Of a spec that is submitted; it reaches the job in an environment variable of 128 KiB, in
which JSON writes a byte with three at most."""

Phase = Literal["queued", "pending", "running", "succeeded", "failed", "stopped"]

ENDED: frozenset[Phase] = frozenset({"succeeded", "failed", "stopped"})
"""Phases that nothing follows but another attempt."""


class Submission(Record):
    """One attempt at a job, as it is handed to a cluster; ``of`` makes sound ones.

    Attributes:
        name: of the job.
        spec: of the job, YAML as its author wrote it.
        digest: tells the job from others of its name, see ``identity``.
        version: of the Sécateur that validated the spec.
        attempt: counts from 1; a cluster that takes a submission numbers it.
        restart: discard what earlier attempts have done.
        metadata: anything that who submits wants to find again.
    """

    name: str = Field(pattern=JOB_NAME)
    spec: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    version: str
    attempt: int = Field(default=1, ge=1)
    restart: bool = False
    metadata: dict[str, str] = {}

    @field_validator("spec")
    @classmethod
    def _bounded(cls, spec: str) -> str:
        if len(spec.encode()) > MOST_BYTES:
            raise ValueError(f"at most {MOST_BYTES:,} bytes")
        return spec

    @classmethod
    def of(
        cls,
        text: str,
        source: str = "spec",
        *,
        restart: bool = False,
        metadata: dict[str, str] | None = None,
    ) -> Self:
        """A submission of the job that ``text`` describes.

        Args:
            text: YAML.
            source: what to call the text in errors, as its file.
            restart: discard what earlier attempts have done.
            metadata: anything that who submits wants to find again.

        Raises:
            SpecError: the text is too long, no YAML, or no sound job.
        """
        spec = read(text, source)
        return cls(
            name=spec.name,
            spec=text,
            digest=identity(spec),
            version=installed_version("secateur"),
            restart=restart,
            metadata=metadata or {},
        )

    def again(self) -> Self:
        """The same for another attempt."""
        return self.here().model_copy(update={"restart": False})

    def here(self) -> Self:
        """The same by the version that is installed here; an earlier one may have taken it."""
        return self.model_copy(update={"version": installed_version("secateur")})

    def job(self) -> AnySpec:
        """The job that is submitted.

        Raises:
            SpecError: this version of Sécateur knows no such job.
        """
        return read(self.spec, self.name)


class JobState(Record):
    """How a submitted job stands, as its cluster says; by its latest attempt.

    Attributes:
        name: of the job.
        digest: of its submission.
        attempt: that is told of, from 1.
        phase: ``queued`` at a gateway, ``pending`` until its process runs, ``succeeded`` also
            where the publication gate refused.
        message: why it failed or was not published, in one line.
        exit_code: of ``secateur run``, once it has ended by itself.
        submitted: when that was, in seconds since 1970.
        started: when its process began, as far as is known.
        ended: when that ended.
        metadata: of the submission.
    """

    name: str
    digest: str
    attempt: int = 1
    phase: Phase
    message: str = ""
    exit_code: int | None = None
    submitted: float | None = None
    started: float | None = None
    ended: float | None = None
    metadata: dict[str, str] = {}

    @property
    def over(self) -> bool:
        """Whether this attempt goes on no more."""
        return self.phase in ENDED

    @property
    def code(self) -> int:
        """How a command ends that waited for this attempt: as ``secateur run`` would have."""
        if self.exit_code is not None:
            return self.exit_code
        return {"failed": 1, "stopped": 128 + signal.SIGINT}.get(self.phase, os.EX_OK)


def identity(spec: AnySpec) -> str:
    """SHA-256 of what a job does; its limits may change from one attempt to the next."""
    return spec.model_copy(update={"limits": LimitsSpec()}).digest


def read(text: str, source: str) -> AnySpec:
    """The job that a submitted text describes.

    Raises:
        SpecError: the text is too long, no YAML, or no sound job.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise SpecError(source, f"{size:,} bytes", f"at most {MOST_BYTES:,} bytes to submit")
    return parse(yaml_file.parse(text, source, JOB))
