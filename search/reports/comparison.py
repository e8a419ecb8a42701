"""The page about several jobs: what differs between them, and by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb

from search.reports.comparable import Compared
from search.reports.document import Block, Document, Facts, Notice, Section, Table, Text
from search.reports.figures import target_name
from search.reports.groups import Line, differing, group
from search.reports.measures import MARK, Measure, measures
from search.reports.spread import difference
from secateur.records import AnyFigures, Evaluation, GenerativeEvaluation

SPREAD = (
    "Mean ± standard deviation over the runs of a line, which differ in their seed and so in "
    "splits, weights and agents. A single run has no spread."
)
RULE = (
    "The first line less the second: of a score in points of a percent, of a distance or cost in "
    "percent of the second. A difference is larger than the spread, and marked *, where Welch's "
    "interval for the difference of two means, given as ±, leaves out 0. All intervals of a column "
    "hold at once with a confidence of 95 % (Bonferroni). Where a line has one run no spread is "
    "known, and nothing is marked."
)
Runs = dict[Line, tuple[AnyFigures, ...]]


def document(compared: Compared) -> Document:
    """Lines of jobs that differ in their seed alone, side by side."""
    lines = group(compared.jobs)
    asked = measures(compared.task)
    roles = _roles(lines)
    sections = [_lines(lines), _figures(roles, asked)]
    if lines[1:]:
        sections.insert(1, _fields(lines))
    lead: list[Block] = [Notice(text) for text in compared.reserves]
    if lines[1:] and compared.alike:
        lead.append(Facts((("Larger than the spread", _verdict(roles, asked[0])),)))
        sections.append(_differences(roles, asked))
    first = compared.jobs[0]
    data = dict.fromkeys(job.data_name for job in compared.jobs)
    return Document(
        title=f"{len(compared.jobs)} jobs compared" if compared.jobs[1:] else first.spec.name,
        about=f"{compared.task.capitalize()} of {', '.join(data)}",
        lead=tuple(lead),
        tiled="",
        tiles=(),
        sections=tuple(sections),
    )


def _roles(lines: Sequence[Line]) -> dict[str, Runs]:
    """The figures of all runs by what a network is: put forward, dense, cut by a target."""
    roles: dict[str, Runs] = {}
    for line in lines:
        found: dict[str, list[AnyFigures]] = {}
        for job in line.jobs:
            assert job.evaluation is not None, "jobs without an evaluation are left out"
            for role, figures in _by_role(job.evaluation):
                found.setdefault(role, []).append(figures)
        for role, runs in found.items():
            roles.setdefault(role, {})[line] = tuple(runs)
    return roles


def _by_role(evaluation: Evaluation | GenerativeEvaluation) -> Iterator[tuple[str, AnyFigures]]:
    yield "Put forward", evaluation.champion.figures
    yield "Dense", evaluation.dense.figures
    for model in evaluation.compressed:
        yield target_name(model.target), model.figures


def _lines(lines: Sequence[Line]) -> Section:
    rows = tuple(
        (
            line.name,
            str(len(line.jobs)),
            ", ".join(str(job.spec.seed) for job in line.jobs),
            ", ".join(job.folder.name for job in line.jobs),
        )
        for line in lines
    )
    return Section("Lines", (Table(("Line", "runs", "seeds", "jobs"), rows, words=(0, 2, 3)),))


def _fields(lines: Sequence[Line]) -> Section:
    """What was asked for differently."""
    rows = tuple(
        (field, *(str(value) for value in values)) for field, values in differing(lines).items()
    )
    head = ("Field", *(line.name for line in lines))
    words = tuple(range(len(head)))
    return Section("What was asked for differently", (Table(head, rows, words=words),))


def _figures(roles: dict[str, Runs], asked: Sequence[Measure]) -> Section:
    """A row a line, for each kind of network."""
    rows = tuple(
        (role, line.name, str(len(runs)), *(one.spread(one.sample(runs)) for one in asked))
        for role, by_line in roles.items()
        for line, runs in by_line.items()
    )
    head = ("Network", "line", "runs", *(one.title for one in asked))
    return Section("Figures on the test split", (Text(SPREAD), Table(head, rows, words=(0, 1))))


def _differences(roles: dict[str, Runs], asked: Sequence[Measure]) -> Section:
    """A row a pair of lines, for each kind of network that two lines have."""
    rows = tuple(
        (role, _pair(one, other), *(_apart(by_line, one, other, each) for each in asked))
        for role, by_line in roles.items()
        for one, other in combinations(by_line, 2)
    )
    head = ("Network", "lines", *(each.title for each in asked))
    return Section("Differences", (Text(RULE), Table(head, rows, words=(0, 1))))


def _pair(one: Line, other: Line) -> str:
    return f"{one.name} - {other.name}"


def _apart(by_line: Runs, one: Line, other: Line, asked: Measure) -> str:
    """The difference of two lines, beside those of all pairs."""
    samples = asked.sample(by_line[one]), asked.sample(by_line[other])
    return asked.apart(difference(*samples, comparisons=comb(len(by_line), 2)), samples[1])


def _verdict(roles: dict[str, Runs], score: Measure) -> str:
    """The pairs whose scores differ by more than the spread, of the networks put forward."""
    by_line = roles["Put forward"]
    unit = " points" if score.in_points else ""
    found = [
        f"{_pair(one, other)}: {told.removesuffix(MARK)}{unit}"
        for one, other in combinations(by_line, 2)
        if (told := _apart(by_line, one, other, score)).endswith(MARK)
    ]
    if found:
        return "; ".join(found)
    lone = [line.name for line in by_line if len(line.jobs) == 1]
    if lone:
        return f"nothing that is known: one run of {', '.join(lone)}, no spread known"
    return f"no difference of {'scores' if score.in_points else f'{score.title}s'}"
