"""Jobs that differ in chance alone, taken together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

from search.parameters import of_job
from search.reports.records import Records
from secateur.records import Scalar

_NO_MATTER = {"name", "seed", "show", "publish.name", "publish.alias"}
_SEED_AT_END = re.compile(r"[-_.]+(seed|s)?[-_.]*\d*$")


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a comparison: the runs of one method.

    Attributes:
        name: of its job, or what the names of its jobs begin with.
        jobs: alike but for names and seed.
    """

    name: str
    jobs: tuple[Records, ...]


def group(jobs: Sequence[Records]) -> tuple[Line, ...]:
    """One line for jobs whose specs differ in names and seed alone, in the order given."""
    alike: dict[tuple[tuple[str, Scalar], ...], list[Records]] = {}
    for job in jobs:
        alike.setdefault(tuple(sorted(_method(job).items())), []).append(job)
    groups = list(alike.values())
    return tuple(Line(name, tuple(jobs)) for name, jobs in zip(_names(groups), groups, strict=True))


def differing(lines: Sequence[Line]) -> dict[str, tuple[Scalar, ...]]:
    """The fields that are not the same in all lines, with the value of each line.

    A field that a line does not have, as a setting of another agent, is empty there.
    """
    methods = [_method(line.jobs[0]) for line in lines]
    fields = dict.fromkeys(field for method in methods for field in method)
    values = {field: tuple(method.get(field, "") for method in methods) for field in fields}
    return {field: found for field, found in values.items() if len(set(map(repr, found))) > 1}


def _method(job: Records) -> dict[str, Scalar]:
    return {field: value for field, value in of_job(job.spec).items() if field not in _NO_MATTER}


def _names(groups: Sequence[Sequence[Records]]) -> list[str]:
    """The shortest names that tell groups apart: of their jobs, else paths of folders."""
    shared = [_shared([job.folder.name for job in jobs]) for jobs in groups]
    first = [jobs[0].folder.name for jobs in groups]
    for names in (shared, first):
        if all(names) and len(set(names)) == len(names):
            return names
    return [str(jobs[0].folder) for jobs in groups]


def _shared(names: Sequence[str]) -> str:
    """What names have in common: ``ddpg`` of ``ddpg-s1`` and ``ddpg-s2``."""
    if not names[1:]:
        return names[0]
    pairs = zip(min(names), max(names), strict=False)
    return _SEED_AT_END.sub("", "".join(one for one, _ in takewhile(lambda pair: eq(*pair), pairs)))
