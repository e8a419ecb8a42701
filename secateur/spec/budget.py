"""How long a stage may take: bounds in time beside those in trials or episodes."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from secateur.spaces import Frozen


class BudgetSpec(Frozen):
    """Bounds of a stage's time; whichever is reached first ends it.

    What has begun is finished, and nothing new begins. Time that was spent before an
    interruption counts, time in which the job did not run does not.

    Attributes:
        minutes: of the clock.
        cpu_hours: CPUs that the stage holds, times the hours for which it holds them.
    """

    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    cpu_hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.minutes is None and self.cpu_hours is None:
            raise ValueError("minutes, cpu_hours or both")
        return self

    def told(self) -> tuple[str, ...]:
        """Each bound in words."""
        bounds = ((self.minutes, "minutes"), (self.cpu_hours, "CPU-hours"))
        return tuple(f"{value:g} {unit}" for value, unit in bounds if value is not None)
