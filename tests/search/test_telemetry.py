from __future__ import annotations

import pytest

from search import telemetry
from search.status import Activity, Status
from search.telemetry import Telemetry


class Gauge:
    """Keeps what Ray's would export."""

    told: dict[str, dict[tuple[str, ...], float]] = {}

    def __init__(self, name: str, description: str, tag_keys: tuple[str, ...]) -> None:
        self._series, self._keys = self.told.setdefault(name, {}), tag_keys

    def set(self, value: float, tags: dict[str, str]) -> None:
        assert set(tags) == set(self._keys)
        self._series[tuple(tags[key] for key in self._keys)] = value


@pytest.fixture(autouse=True)
def gauges(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[tuple[str, ...], float]]:
    monkeypatch.setattr(telemetry, "Gauge", Gauge)
    monkeypatch.setattr(Gauge, "told", {})
    return Gauge.told


def status(activity: Activity | None, stage: str = "search") -> Status:
    return Status(job="digits", began=0.0, heard=0.0, stage=stage, activity=activity)


def test_every_stage_has_series_of_its_own(
    gauges: dict[str, dict[tuple[str, ...], float]],
) -> None:
    display = Telemetry()
    display.show(status(Activity(unit="trials", done=3, total=24, running=2, failed=1)))
    display.clear()
    display.show(status(Activity(unit="episodes", done=5, total=60, running=4), "prune"))
    search, prune = ("digits", "search", "trials"), ("digits", "prune", "episodes")
    assert gauges == {
        "secateur_stage_done": {search: 3, prune: 5},
        "secateur_stage_total": {search: 24, prune: 60},
        "secateur_stage_running": {search: 0, prune: 4},  # the search is over
        "secateur_stage_failed": {search: 1, prune: 0},
    }


def test_what_is_not_known_is_not_told(gauges: dict[str, dict[tuple[str, ...], float]]) -> None:
    """A stage without parts, and one that time alone bounds."""
    display = Telemetry()
    display.show(status(None))
    display.clear()
    assert not any(gauges.values())
    display.show(status(Activity(unit="trials", done=3)))
    assert gauges["secateur_stage_done"]
    assert not gauges["secateur_stage_total"]
