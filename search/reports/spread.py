"""Means of several runs, and which differences between them are larger than their spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev

from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Sample:
    """One figure of several runs.

    Attributes:
        mean: of the runs.
        deviation: sample standard deviation (n - 1); absent where there is one run.
        n: number of runs.
    """

    mean: float
    deviation: float | None
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Sample:
        """At least one value."""
        return cls(mean(values), stdev(values) if len(values) > 1 else None, len(values))


@dataclass(frozen=True)
class Difference:
    """Between the means of two samples.

    Attributes:
        mean: the first mean less the second.
        half: half of the width of its confidence interval; absent where a sample is of one
            run, which has no spread.
    """

    mean: float
    half: float | None

    @property
    def beyond(self) -> bool:
        """Whether it is known to be larger than the spread: its interval leaves out 0."""
        return self.half is not None and abs(self.mean) > self.half


def difference(one: Sample, other: Sample, comparisons: int = 1) -> Difference:
    """Welch's interval (1947) for the difference of two means with unequal variances.

    Args:
        one: the first sample.
        other: the second.
        comparisons: so many differences are looked at together; each interval is widened
            such that all of them hold at once with a confidence of 95 % (Bonferroni).
    """
    apart = one.mean - other.mean
    if one.deviation is None or other.deviation is None:
        return Difference(apart, None)
    parts = [sample.deviation**2 / sample.n for sample in (one, other) if sample.deviation]
    if not parts:
        return Difference(apart, 0.0)
    squares = sum(
        (sample.deviation**2 / sample.n) ** 2 / (sample.n - 1)
        for sample in (one, other)
        if sample.deviation
    )
    freedom = sum(parts) ** 2 / squares
    quantile = float(stdtrit(freedom, 1 - (1 - CONFIDENCE) / comparisons / 2))
    return Difference(apart, quantile * sqrt(sum(parts)))
