"""Which versions a replica holds, as metrics."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.catalogue import Catalogue


class ModelMetrics(Collector):
    """Reads a catalogue at every scrape, so that a version that has gone leaves no series.

    Each value is 0 or 1: the sum over all replicas is their number.

    Args:
        catalogue: of the replica.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def collect(self) -> Iterator[Metric]:
        """Versions, and whether the last look for new ones failed."""
        held = GaugeMetricFamily(
            "secateur_model_replicas",
            "Replicas that hold a version as champion or challenger.",
            labels=("model", "version", "role"),
        )
        kept = GaugeMetricFamily(
            "secateur_model_kept_replicas",
            "Replicas that keep a version because no newer one can be had.",
            labels=("model",),
        )
        for champion in self._catalogue:
            held.add_metric((champion.name, champion.version, "champion"), 1)
            challenger = self._catalogue.challenger(champion.name)
            if challenger is not None:
                held.add_metric((champion.name, challenger.version, "challenger"), 1)
            refresh = self._catalogue.refresh(champion.name)
            if refresh is not None:
                kept.add_metric((champion.name,), float(bool(refresh.kept())))
        yield held
        yield kept
