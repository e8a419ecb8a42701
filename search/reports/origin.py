"""What a result was made from and with, and how to make it again."""

from __future__ import annotations

from typing import Protocol

import yaml

from search.reports.amounts import bytes_of
from search.reports.document import Code, Facts, Section, Text
from secateur.records import DataUsed, Provenance
from secateur.spec import AnySpec


class Searched(Protocol):
    """What a search of any kind says of its data."""

    @property
    def data_digest(self) -> str:
        """SHA-256 of the training and validation split."""


class Job(Protocol):
    """What is known of a job of any kind."""

    @property
    def spec(self) -> AnySpec:
        """What was asked for."""

    @property
    def searched(self) -> Searched | None:
        """What its search left."""

    @property
    def data(self) -> DataUsed | None:
        """What was learned from."""

    @property
    def provenance(self) -> Provenance | None:
        """What it was made with."""


def section(job: Job) -> Section:
    """The spec as a job file, the data, the machine and the versions, as far as they are known."""
    facts = {"spec": f"SHA-256 {job.spec.digest}"}
    if job.data is not None:
        facts |= _data(job.data)
    elif job.searched is not None and job.searched.data_digest:
        facts["training and validation split"] = f"SHA-256 {job.searched.data_digest}"
    if job.provenance is not None:
        facts |= _made(job.provenance)
    return Section(
        "How to do it again",
        (
            Text("Save the job file below as job.yaml; it names everything, defaults too."),
            Code("secateur run job.yaml", "sh"),
            Code(as_yaml(job.spec), "yaml", folded="job.yaml"),
            Facts(tuple(facts.items())),
        ),
    )


def as_yaml(spec: AnySpec) -> str:
    """The spec as a job file, with every default written out."""
    text: str = yaml.safe_dump(spec.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def _data(data: DataUsed) -> dict[str, str]:
    splits = ", ".join(f"{count:,} {role}" for role, count in data.images.items())
    classes = f", {data.classes} classes" if data.classes else ""
    return {
        "data": f"{data.name}: {splits} images{classes}",
        "data digest": f"SHA-256 {data.digest}",
        "split digest": f"SHA-256 {data.split_digest}",
    }


def _made(made: Provenance) -> dict[str, str]:
    machine = made.machine
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    told = {
        "machine": f"{machine.processor}, {machine.cores} cores, "
        f"{bytes_of(machine.memory_bytes)} of memory; GPUs: {', '.join(machine.gpus) or 'none'}",
        "versions": versions,
    }
    if made.commit is not None:
        changed = " with uncommitted changes" if made.commit.dirty else ""
        told["commit"] = f"{made.commit.id}{changed}"
    return told
