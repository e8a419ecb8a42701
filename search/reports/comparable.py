"""Whether jobs can be compared at all, and with what reserve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from search import kinds
from search.generation import judges
from search.ledger import Ledger
from search.reports.records import Records
from secateur.errors import JobConflictError
from secateur.records import TaskKind
from secateur.spec import AnySpec, GenerationSpec

_SPLITS = {"validation", "test", "limit"}


@dataclass(frozen=True)
class Compared:
    """Jobs that have come to their evaluation.

    Attributes:
        jobs: at least one, of one task.
        alike: whether they learned from the same data and were judged alike, so that
            differences mean something.
        reserves: what a reader must know, a sentence each.
    """

    jobs: tuple[Records, ...]
    alike: bool
    reserves: tuple[str, ...]

    @property
    def task(self) -> TaskKind | Literal["generation"]:
        """What all of them do."""
        return _task(self.jobs[0].spec)


def compared(ledgers: Sequence[Ledger]) -> Compared:
    """The jobs of some folders.

    Raises:
        JobConflictError: there is no such job, one is given twice, none has come to its
            evaluation, or they do not do the same task.
    """
    _different(ledgers)
    read = [kinds.records(ledger) for ledger in ledgers]
    jobs = tuple(job for job in read if job.evaluation is not None)
    if not jobs:
        raise JobConflictError(f"{_names(read)}: expected jobs that have come to their evaluation")
    _one_task(jobs)
    known = all(job.data is not None for job in jobs)
    same = len({_data(job, known=known) for job in jobs}) == 1
    reserves = (*_reserves(read, jobs, alike=same), *judges.reserves(jobs))
    return Compared(jobs, same and judges.compare(jobs), reserves)


def _different(ledgers: Sequence[Ledger]) -> None:
    """A job counts once, wherever a copy of it lies."""
    seen: dict[str, Ledger] = {}
    for ledger in ledgers:
        other = seen.setdefault(ledger.id, ledger)
        if other is not ledger:
            raise JobConflictError(f"{ledger.folder}: the same job as {other.folder}; name it once")


def _one_task(jobs: Sequence[Records]) -> None:
    first = jobs[0]
    for job in jobs:
        if (task := _task(job.spec)) != (other := _task(first.spec)):
            raise JobConflictError(
                f"{job.folder.name} is a {task}, {first.folder.name} a {other}; expected jobs of "
                "one task, whose scores mean the same"
            )


def _task(spec: AnySpec) -> TaskKind | Literal["generation"]:
    return spec.task if isinstance(spec, GenerationSpec) else spec.data.task


def _data(job: Records, *, known: bool) -> str:
    """What tells data apart: their digest, or, if not all jobs kept it, how the specs name them."""
    if known and job.data is not None:
        return job.data.digest
    return job.spec.data.model_dump_json(exclude=_SPLITS)


def _reserves(read: Sequence[Records], jobs: Sequence[Records], *, alike: bool) -> Iterator[str]:
    left = [job for job in read if job not in jobs]
    if left:
        yield f"Left out, as they have not come to their evaluation: {_names(left)}."
    if not alike:
        yield (
            "These jobs did not learn from the same data: their figures stand side by side, but "
            "differences between them are not judged."
        )
    machines = {job.provenance.machine.processor for job in jobs if job.provenance}
    if len(machines) > 1:
        yield f"Latencies were measured on different machines: {', '.join(sorted(machines))}."


def _names(jobs: Sequence[Records]) -> str:
    return ", ".join(job.folder.name for job in jobs)
