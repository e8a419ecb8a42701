"""How pruned networks recover."""

from __future__ import annotations

from pydantic import Field

from secateur.spaces import Frozen


class FinetuneSpec(Frozen):
    """How pruned networks recover.

    Attributes:
        epochs: passes over the training split.
        learning_rate_factor: share of the dense network's learning rate.
        distillation: weight of the dense network's softened answers in the loss, in [0, 1].
        temperature: of the softened answers.
    """

    epochs: int = Field(default=12, ge=1)
    learning_rate_factor: float = Field(default=0.3, gt=0, le=1)
    distillation: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=4.0, gt=0)
