from __future__ import annotations

from datetime import UTC, datetime

import pytest

from serving.gateway.months import Month


def moment(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "start", "end", "renews"),
    [
        ((2026, 11, 21, 15), (2026, 11, 1), (2026, 12, 1), "2026-12-01"),
        ((2026, 12, 31, 23, 59), (2026, 12, 1), (2027, 1, 1), "2027-01-01"),
        ((2028, 2, 29), (2028, 2, 1), (2028, 3, 1), "2028-03-01"),
        ((2026, 1, 1), (2026, 1, 1), (2026, 2, 1), "2026-02-01"),
    ],
)
def test_months(
    now: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...], renews: str
) -> None:
    month = Month.of(moment(*now))
    assert (month.start, month.end, month.renews) == (moment(*start), moment(*end), renews)
