"""Calendar months in UTC, in which teams have their hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MORE_THAN_A_MONTH = timedelta(days=32)


@dataclass(frozen=True)
class Month:
    """A month, in seconds since 1970.

    Attributes:
        start: of its first day.
        end: of its last, which is the start of the next.
    """

    start: float
    end: float

    @classmethod
    def of(cls, moment: float) -> Month:
        """The month that a moment lies in."""
        today = datetime.fromtimestamp(moment, UTC)
        first = datetime(today.year, today.month, 1, tzinfo=UTC)
        following = (first + _MORE_THAN_A_MONTH).replace(day=1)
        return cls(first.timestamp(), following.timestamp())

    @property
    def renews(self) -> str:
        """The day on which hours are given anew, as ``2026-12-01``."""
        return datetime.fromtimestamp(self.end, UTC).date().isoformat()
