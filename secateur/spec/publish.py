"""What a model must hold to be published."""

from __future__ import annotations

from pydantic import Field

from secateur.spaces import Frozen


class PublishSpec(Frozen):
    """The gate in front of the model registry, and the name behind it.

    Attributes:
        name: registered model; the job's name where absent.
        min_accuracy: least accuracy on the test split.
        max_accuracy_drop: most accuracy that may be lost against the dense parent.
        min_flops_cut: least share of FLOPs removed.
    """

    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    min_accuracy: float = Field(default=0.0, ge=0, le=1)
    max_accuracy_drop: float = Field(default=0.02, ge=0, le=1)
    min_flops_cut: float = Field(default=0.0, ge=0, lt=1)
