"""The figures that jobs are compared by, as samples of several runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from search.reports.amounts import bytes_of, quantity, rounded
from search.reports.spread import Difference, Sample
from secateur.records import AnyFigures, TaskKind, score_name

MARK = " *"
"""After a difference that is larger than the spread."""


@dataclass(frozen=True)
class Measure:
    """A figure of a network.

    Attributes:
        title: what people call it.
        field: of ``AnyFigures``, dotted where it lies deeper.
        shown: a value, or a spread, as people read it.
        in_points: whether differences are told in points of a percent; else in percent of
            what is compared with.
    """

    title: str
    field: str
    shown: Callable[[float], str]
    in_points: bool = False

    def sample(self, runs: Sequence[AnyFigures]) -> Sample:
        """Of at least one run."""
        return Sample.of([float(attrgetter(self.field)(figures)) for figures in runs])

    def spread(self, sample: Sample) -> str:
        """Mean ± standard deviation; of a single run its figure."""
        if sample.deviation is None:
            return self.shown(sample.mean)
        return f"{self.shown(sample.mean)} ± {self.shown(sample.deviation)}"

    def apart(self, difference: Difference, other: Sample) -> str:
        """A difference and half its interval; marked where it is larger than the spread."""
        scale = 100 if self.in_points else 100 / other.mean if other.mean else 0.0
        unit, digits = ("", 2) if self.in_points else ("%", 1)
        told = f"{scale * difference.mean:+.{digits}f}{unit}"
        if difference.half is None:
            return told
        told = f"{told} ± {scale * difference.half:.{digits}f}{unit}"
        return f"{told}{MARK}" if difference.beyond else told


COSTS = (
    Measure("FLOPs", "flops", quantity),
    Measure("parameters", "parameters", quantity),
    Measure("size", "size_bytes", bytes_of),
    Measure("latency", "latency_ms", lambda value: f"{rounded(value, 3)} ms"),
)
ERRORS = (Measure("MSE", "mse", "{:.4g}".format), Measure("MAE", "mae", "{:.4g}".format))
LIKENESS = (
    Measure("distance", "likeness.distance", "{:.3g}".format),
    Measure("coverage", "likeness.coverage", "{:.1%}".format, in_points=True),
)


def measures(task: TaskKind | Literal["generation"]) -> tuple[Measure, ...]:
    """Those of a task, in the order in which they are told."""
    if task == "generation":
        return (*LIKENESS, *COSTS)
    score = Measure(score_name(task), "accuracy", "{:.2%}".format, in_points=True)
    return (score, *(ERRORS if task == "regression" else ()), *COSTS)
