"""The families that torchvision has weights of, and what training does with these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from secateur.spaces.dimensions import Frozen

_TOP_LAYERS = 3
Start = Literal["scratch", "feature-extractor", "top-layers", "fine-tuning"]


@dataclass(frozen=True)
class StartsFrom:
    """What a network's training begins with.

    Attributes:
        weights: file of published weights; absent where they are random.
        learning_layers: how many of the last layers learn; absent where all do.
    """

    weights: Path | None = None
    learning_layers: int | None = None


FROM_SCRATCH = StartsFrom()
"""By the seed alone, and all layers learn."""


class PublishedSpace(Frozen):
    """Base of the families that torchvision has weights of.

    Attributes:
        weights: file of such weights that training starts from, an absolute path; they fit
            the published width and stem alone.
        start: what the trials do with the weights: ``fine-tuning`` trains all of the network
            (so does a start without weights, ``scratch``), ``top-layers`` the last
            ``top_layers`` convolutions and dense layers with what lies behind them, and
            ``feature-extractor`` the classifier alone. What does not learn keeps its batch
            norm statistics too. Absent it is ``fine-tuning`` with weights, and else
            ``scratch``. After pruning all of the network learns in any case.
        top_layers: how many learn with ``top-layers``, the classifier among them; 3 where
            absent.
    """

    weights: str | None = None
    start: Start | None = None
    top_layers: int | None = Field(default=None, ge=1)

    @field_validator("weights")
    @classmethod
    def _absolute(cls, weights: str | None) -> str | None:
        if weights is not None and not PurePath(weights).is_absolute():
            raise ValueError("an absolute path: every trial runs in a folder of its own")
        return weights

    @model_validator(mode="after")
    def _startable(self) -> Self:
        if self.start == "scratch" and self.weights is not None:
            raise ValueError("no weights for start 'scratch', which begins with random ones")
        if self.start not in (None, "scratch") and self.weights is None:
            raise ValueError(f"weights to begin with for start '{self.start}'")
        if self.start != "top-layers" and self.top_layers is not None:
            raise ValueError("top_layers with start 'top-layers' alone")
        return self

    @property
    def starts_from(self) -> StartsFrom:
        """What networks of this space begin with."""
        layers = {"feature-extractor": 1, "top-layers": self.top_layers or _TOP_LAYERS}.get(
            self.start or ""
        )
        return StartsFrom(None if self.weights is None else Path(self.weights), layers)
