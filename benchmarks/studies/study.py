"""A study: settings of the literature played again, each figure beside the published one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
"""Of one training, by the names of ``Metric``."""

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Metric:
    """One figure of a table.

    Attributes:
        key: its name in results.
        title: its column.
        scale: what it is multiplied by to be shown, 100 for shares in %.
        digits: significant after the point.
    """

    key: str
    title: str
    scale: float = 1.0
    digits: int = 3


ACCURACY = Metric("accuracy", "Accuracy, %", 100, 2)
RMSE = Metric("rmse", "RMSE", 1, 3)


@dataclass(frozen=True)
class Row:
    """One setting.

    Attributes:
        name: in the table and its results.
        play: trains and judges it, given a seed.
        published: figures in print, in the unit that tables show; none where it has no row.
        claim: what is in print in words, where there are no figures.
    """

    name: str
    play: Callable[[int], Figures]
    published: Figures
    claim: str = ""


@dataclass(frozen=True)
class Table:
    """Settings that differ in one thing.

    Attributes:
        name: of its result files.
        title: what the rows vary.
        metrics: the columns.
        rows: in the order of the source.
        note: what a reader should know: what differs from the source, and why.
        command: that runs the same settings as jobs; none where they are no jobs.
        verdict: says what follows, from the mean figures of the played rows by name.
    """

    name: str
    title: str
    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...]
    note: str = ""
    command: str = ""
    verdict: Callable[[Mapping[str, Figures]], str] | None = None


@dataclass(frozen=True)
class Study:
    """Tables of one network.

    Attributes:
        name: of its page and its folder of results.
        title: of the page.
        protocol: what all rows share.
        tables: of the page.
    """

    name: str
    title: str
    protocol: str
    tables: tuple[Table, ...]
