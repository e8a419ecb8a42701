"""What jobs of all kinds say of themselves."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from secateur.spaces import Frozen
from secateur.spec.data import DataSpec
from secateur.spec.limits import LimitsSpec

OF_THE_HOME = ("mlartifacts", "mlflow.db", "served")
"""What a home has beside the folders of its jobs; the database has companions of longer names."""

JOB_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"


def _nameable(name: str) -> str:
    if not re.fullmatch(JOB_NAME, name):
        raise ValueError(
            "at most 64 lower-case letters, digits, '.', '_' and '-', a letter or digit first"
        )
    return name


JobName = Annotated[str, AfterValidator(_nameable)]
"""Of a job or a model, fit to be the name of a folder."""


class CommonSpec(Frozen):
    """What jobs of all kinds share.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights and agents.
        data: what is learned from.
        limits: what its processes may take.
    """

    name: JobName
    seed: int = Field(default=0, ge=0, lt=2**31)
    data: DataSpec
    limits: LimitsSpec = LimitsSpec()

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name.startswith("mlflow.db") or name in OF_THE_HOME:
            raise ValueError(f"a name other than {', '.join(OF_THE_HOME)}, which a home has itself")
        return name

    @property
    def digest(self) -> str:
        """SHA-256 of what the spec asks for, its limits left out, in hexadecimal."""
        return hashlib.sha256(self.model_dump_json(exclude={"limits"}).encode()).hexdigest()
