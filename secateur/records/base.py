"""What all records have in common, and the types of their fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

Scalar = bool | int | float | str
Augmentation = Literal["shift", "mirror"]
Precision = Literal["auto", "float32", "bfloat16"]
TaskKind = Literal["classification", "generation", "regression"]
TimeBound = Literal["minutes", "cpu_hours"]


def score_name(task: TaskKind) -> str:
    """What a task calls its accuracy; a regression's is the share of the variance explained."""
    return "R²" if task == "regression" else "accuracy"


def _listed(value: Any) -> Any:
    """Augmentations as a list; before they had names they were a yes, to shifts, or a no."""
    if isinstance(value, bool):
        return ("shift",) if value else ()
    return (value,) if isinstance(value, str) else value


def _once_each(value: tuple[Augmentation, ...]) -> tuple[Augmentation, ...]:
    if len(set(value)) < len(value):
        raise ValueError(f"names out of {', '.join(get_args(Augmentation))}, each once")
    return value


Augmentations = Annotated[
    tuple[Augmentation, ...], BeforeValidator(_listed), AfterValidator(_once_each)
]


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, JSON in and out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Parse what ``model_dump_json`` wrote."""
        return cls.model_validate_json(text)
