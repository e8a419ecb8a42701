"""Tables whose rows are result files: each column says how it reads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median

from benchmarks.page import Result, table
from benchmarks.scaling.fit import Results
from benchmarks.scaling.work import Work

Cell = Callable[[Result], str]
Columns = Mapping[str, Cell]
"""By their titles."""


def filled(columns: Columns, results: Results) -> list[str]:
    """A table of Markdown, a row each result."""
    return table(list(columns), rows(columns, results))


def rows(columns: Columns, results: Results) -> list[list[str]]:
    """The same without its head."""
    return [[cell(one) for cell in columns.values()] for one in results.values()]


def setting(name: str, form: str = "{}") -> Cell:
    """What was asked for."""
    return lambda one: form.format(one["settings"][name])


def first(name: str, form: str) -> Cell:
    """A figure of the first round."""
    return lambda one: form.format(one["rounds"][0][name])


def half(name: str, form: str) -> Cell:
    """The median of a figure's rounds."""
    return lambda one: form.format(middle(one, name))


def middle(one: Result, name: str) -> float:
    """The median of a figure's rounds."""
    return float(median(turn[name] for turn in one["rounds"]))


def work_of(one: Result) -> Work:
    """What was measured with."""
    return Work(**one["settings"]["work"])


def seconds(one: Result) -> str:
    """Of the work of a trial or an evaluation."""
    return f"{work_of(one).seconds:g}"


def reports(one: Result) -> str:
    """Of a trial."""
    return str(work_of(one).reports)
