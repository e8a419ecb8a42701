"""What a result was made with, and what it cost to make."""

from __future__ import annotations

from pydantic import Field

from secateur.records.base import Record

_SECONDS_AN_HOUR = 3600


class Commit(Record):
    """The state of the checkout that holds the program.

    Attributes:
        id: of the commit, in hexadecimal.
        dirty: whether tracked files differ from it.
    """

    id: str
    dirty: bool


class Machine(Record):
    """The machine that a job is driven from.

    Attributes:
        processor: its model, as the system calls it.
        cores: logical ones.
        memory_bytes: of the whole machine.
        gpus: one name a GPU.
    """

    processor: str
    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()


class Provenance(Record):
    """What a result was made with.

    Attributes:
        versions: by name, this program's and Python's among them.
        commit: absent where the program does not run from a checkout.
        machine: that the job is driven from.
    """

    versions: dict[str, str]
    commit: Commit | None
    machine: Machine


class DataUsed(Record):
    """What a job learned from, told so that two jobs can be compared.

    Attributes:
        name: of the data set.
        digest: SHA-256 of all its images and labels, whatever the seed.
        split_digest: SHA-256 of the three splits, in their order.
        images: by split.
        classes: labels; 0 of a regression.
    """

    name: str
    digest: str
    split_digest: str
    images: dict[str, int]
    classes: int


class Spent(Record):
    """What a part of a job has cost.

    Attributes:
        seconds: of wall clock.
        cpu_seconds: of processor time, over all of the job's processes on this machine.
        gpu_seconds: for which GPUs were reserved, each counted by the share that was.
    """

    seconds: float = Field(default=0.0, ge=0)
    cpu_seconds: float = Field(default=0.0, ge=0)
    gpu_seconds: float = Field(default=0.0, ge=0)

    def __add__(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(
            seconds=self.seconds + other.seconds,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
            gpu_seconds=self.gpu_seconds + other.gpu_seconds,
        )

    @property
    def hours(self) -> tuple[float, float, float]:
        """Wall clock, CPU-hours and GPU-hours."""
        wall, cpu, gpu = self.seconds, self.cpu_seconds, self.gpu_seconds
        return wall / _SECONDS_AN_HOUR, cpu / _SECONDS_AN_HOUR, gpu / _SECONDS_AN_HOUR


class Account(Record):
    """What a job has cost so far, over all times that it was begun.

    Attributes:
        begun: how often.
        samples: readings of the machine's load.
        stages: by stage; what lies before, between and after them under an empty name.
    """

    begun: int = 0
    samples: int = 0
    stages: dict[str, Spent] = {}

    @property
    def total(self) -> Spent:
        """Of the whole job."""
        return sum(self.stages.values(), Spent())

    def plus(self, stage: str, spent: Spent) -> Account:
        """With ``spent`` added to a stage."""
        stages = self.stages | {stage: self.stages.get(stage, Spent()) + spent}
        return self.model_copy(update={"stages": stages})
