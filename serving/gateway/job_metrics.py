"""Jobs and hours of the teams, as metrics."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import get_args

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.gateway.journal import Journal
from serving.gateway.months import Month
from serving.jobs.records import Phase


class JobMetrics(Collector):
    """Reads the journal at every scrape.

    Args:
        journal: of all jobs.
        teams: their names.
    """

    def __init__(self, journal: Journal, teams: Iterable[str]) -> None:
        self._journal, self._teams = journal, tuple(teams)

    def collect(self) -> Iterator[Metric]:
        """Jobs by team and phase, and hours of this month by team."""
        jobs = GaugeMetricFamily(
            "secateur_gateway_jobs", "Jobs of a team in a phase.", labels=("team", "phase")
        )
        hours = GaugeMetricFamily(
            "secateur_gateway_hours",
            "Hours that a team's jobs have used in this calendar month (UTC).",
            labels=("team", "resource"),
        )
        counts, now = self._journal.counts(), time.time()
        for team in self._teams:
            for phase in get_args(Phase):
                jobs.add_metric((team, phase), counts.get((team, phase), 0))
            used = self._journal.hours(team, Month.of(now).start, now)
            hours.add_metric((team, "cpu"), used.cpus)
            hours.add_metric((team, "gpu"), used.gpus)
        yield jobs
        yield hours
