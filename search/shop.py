"""What every stage of one job works with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from search import parameters
from search.progress import Progress
from search.reports.lines import describe
from search.space import Point
from secateur.data import Development
from secateur.records import Architecture, GenerativeRecipe, Recipe, Scalar
from secateur.spec import CommonSpec, LimitsSpec
from secateur.tracking.port import Tracker

S = TypeVar("S", bound=CommonSpec)


@dataclass(frozen=True)
class Shop(ABC, Generic[S]):
    """What every stage of one job works with; a kind of jobs says what its points stand for.

    Attributes:
        spec: the job.
        folder: of the job.
        development: training and validation split; no stage before the evaluation has more.
        tracker: takes the runs.
        progress: what a person sees.
    """

    spec: S
    folder: Path
    development: Development
    tracker: Tracker
    progress: Progress

    @property
    @abstractmethod
    def score(self) -> str:
        """What the tracker calls that by which policies are compared in the end."""

    @abstractmethod
    def realised(self, point: Point) -> tuple[Architecture, Recipe | GenerativeRecipe]:
        """The network that a point of the search space stands for, and how it is trained."""

    @property
    def limits(self) -> LimitsSpec:
        """What each of the job's processes may take."""
        return self.spec.limits

    def network(self, point: Point) -> str:
        """What to call the network of a point of the search space."""
        return describe(self.realised(point)[0])

    def parameters(self, point: Point) -> dict[str, Scalar]:
        """Everything that a point of the search space stands for, by name."""
        return parameters.of_trial(*self.realised(point))
