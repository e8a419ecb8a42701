"""Job files: a YAML mapping in, the spec of one kind of job out; nothing in it runs code.

``load`` raises a ``SpecError`` that names the field, the value and what would be right.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secateur import yaml_file
from secateur.errors import SpecError
from secateur.spaces import generators
from secateur.spec import consistency, generative_consistency
from secateur.spec.generation import GenerationSpec
from secateur.spec.job import JobSpec
from secateur.validation import validated

AnySpec = JobSpec | GenerationSpec
"""A job of any kind."""

JOB = "with at least 'name' and 'data'"
"""What a job file holds, for errors."""


def load(path: Path) -> AnySpec:
    """Read and validate a job file.

    Raises:
        SpecError: the file is absent or no YAML, or a field is unknown, of a wrong type
            or out of range.
    """
    return parse(yaml_file.read(path, JOB))


def parse(content: dict[str, Any]) -> AnySpec:
    """Validate a job given as a mapping, generative where its ``task`` says so.

    Raises:
        SpecError: as ``load``.
    """
    if "task" not in content:
        spec = _ordinary(content)
        consistency.check(spec)
        return spec
    if content["task"] != "generation":
        expected = "'generation'; other jobs have no such field, their data says what is asked"
        raise SpecError("task", content["task"], expected)
    generative = validated(GenerationSpec, content)
    generative_consistency.check(generative)
    return generative


def _ordinary(content: dict[str, Any]) -> JobSpec:
    """A job without a ``task``, which generators need."""
    try:
        return validated(JobSpec, content)
    except SpecError as error:
        if isinstance(error.value, str) and error.value in generators():
            expected = "'task: generation' at the top of a job with this family"
            raise SpecError(error.field, error.value, expected) from None
        raise
