"""What jobs of all kinds say of themselves."""

from __future__ import annotations

import hashlib

from pydantic import Field

from secateur.spaces import Frozen
from secateur.spec.data import DataSpec

JOB_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class CommonSpec(Frozen):
    """What jobs of all kinds share.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights and agents.
        data: what is learned from.
    """

    name: str = Field(pattern=JOB_NAME)
    seed: int = Field(default=0, ge=0, lt=2**31)
    data: DataSpec

    @property
    def digest(self) -> str:
        """SHA-256 of the spec's content, in hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
