"""How the stage of a job goes that is under way, and what its budget leaves it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Self

from search.budget import Budget, Clock
from search.estimate import Outlook
from search.status import Activity, Status
from secateur.spec import BudgetSpec

if TYPE_CHECKING:
    from search.progress import Progress


class Live:
    """How the stage goes that was begun last.

    Attributes:
        budget: of the stage, in time.
        tab: what the stage takes.

    Args:
        progress: shows it.
        budget: bounds of the stage.
    """

    def __init__(self, progress: Progress, budget: BudgetSpec | None) -> None:
        self._progress = progress
        self.tab = progress.tab
        self.budget = Budget(budget, self.tab)
        self._known: tuple[Activity, Outlook] | None = None

    @property
    def clock(self) -> Clock:
        """That the stage is measured by."""
        return self._progress.clock

    def update(self, activity: Activity, outlook: Outlook, cpus: float) -> None:
        """Show how it goes.

        Args:
            activity: how far the stage is.
            outlook: what is known about the rest.
            cpus: that the stage holds from now on.
        """
        self.tab.hold(cpus)
        self._known = activity, outlook
        self._progress.refresh()

    def told(self, status: Status, now: float) -> Status:
        """The status with how this stage goes at this moment."""
        if self._known is None:
            return status
        activity, outlook = self._known
        counted = activity.done / activity.total if activity.total else 0.0
        left = outlook.left(now)
        bounded = None if left is None else min(left, self.budget.left)
        return status.model_copy(
            update={
                "activity": activity,
                "share": min(1.0, max(counted, self.budget.share)),
                "seconds_left": bounded if bounded is not None and isfinite(bounded) else None,
            }
        )

    def __enter__(self) -> Self:
        """Begin to show it."""
        self._progress.attach(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away; what the stage does after this holds one CPU."""
        self._progress.attach(None)
        self.tab.hold(1)
