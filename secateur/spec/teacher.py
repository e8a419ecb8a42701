"""A larger network that the trials of a search learn from."""

from __future__ import annotations

from pathlib import Path, PurePath

from pydantic import Field, field_validator

from secateur.spaces import Frozen


class TeacherSpec(Frozen):
    """Knowledge distillation (Hinton et al. 2015) from a saved model.

    Attributes:
        model: folder of a saved model, as ``models/dense`` of an earlier job; an absolute path.
            It must have been trained on images of the same shape and the same classes.
        distillation: weight of its softened answers in the loss, in (0, 1].
        temperature: of the softened answers.
    """

    model: Path
    distillation: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=4.0, gt=0)

    @field_validator("model")
    @classmethod
    def _absolute(cls, model: Path) -> Path:
        if not PurePath(model).is_absolute():
            raise ValueError("an absolute path: every trial runs in a folder of its own")
        return model
