"""The job: everything that a user may ask for, and nothing that runs code.

``load`` reads a YAML file into a ``JobSpec`` or raises a ``SpecError`` that names the
field, the value and what would be right.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import Field

from secateur import yaml_file
from secateur.spaces import Frozen
from secateur.spec import consistency
from secateur.spec.data import DataSpec
from secateur.spec.finetune import FinetuneSpec, RecoverySpec
from secateur.spec.prune import PruneSpec
from secateur.spec.publish import PublishSpec
from secateur.spec.search import SearchSpec
from secateur.validation import validated


class JobSpec(Frozen):
    """One job, from data to a published model.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights and agents.
        prune: null leaves pruning out: the searched network itself is measured and published.
        finetune: counts where something is pruned.
        show: test images to classify over HTTP at the end; 0 starts no server.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    seed: int = Field(default=0, ge=0, lt=2**31)
    data: DataSpec
    search: SearchSpec = SearchSpec()
    prune: PruneSpec | None = PruneSpec()
    finetune: RecoverySpec | None = FinetuneSpec()
    publish: PublishSpec = PublishSpec()
    show: int = Field(default=0, ge=0, le=100)

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return self.publish.name or self.name

    @property
    def digest(self) -> str:
        """SHA-256 of the spec's content, in hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load(path: Path) -> JobSpec:
    """Read and validate a job file.

    Raises:
        SpecError: the file is absent or no YAML, or a field is unknown, of a wrong type
            or out of range.
    """
    return parse(yaml_file.read(path, "with at least 'name' and 'data'"))


def parse(content: dict[str, Any]) -> JobSpec:
    """Validate a job given as a mapping; raises as ``load`` does."""
    spec = validated(JobSpec, content)
    consistency.check(spec)
    return spec
