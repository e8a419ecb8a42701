"""Prometheus metrics of one replica, and those of all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from serving.admission import Admission

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_REPLICA = "replica"
_IMAGES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """What one server process counts.

    Label values are names of served models and statuses alone: what strangers send makes
    no new series.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "secateur_requests",
            "Requests answered; without model where none was reached.",
            ("model", "version", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "secateur_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("model",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._batch = Histogram(
            "secateur_batch_images",
            "Images gathered for one run of a model.",
            buckets=_IMAGES,
            registry=registry,
        )
        self._waiting = Gauge(
            "secateur_queue_requests",
            "Requests for a model that are read, waiting or being answered.",
            registry=registry,
        )
        self._held = Gauge(
            "secateur_queue_bytes", "Size of their bodies together.", registry=registry
        )

        self._shadowed = Counter(
            "secateur_shadow_images",
            "Images that a challenger was asked in the shadow; outcome is agreed or differed "
            "(on the class), failed, or dropped for want of time.",
            ("model", "version", "outcome"),
            registry=registry,
        )
        self._shadow_seconds = Histogram(
            "secateur_shadow_seconds",
            "Time of a challenger for the images of a request in the shadow.",
            ("model", "version"),
            buckets=_SECONDS,
            registry=registry,
        )

    def watch(self, admission: Admission) -> None:
        """Show how full a replica is."""
        self._waiting.set_function(lambda: admission.requests)
        self._held.set_function(lambda: admission.held_bytes)

    def observe(self, model: str, version: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(model, version, str(status)).inc()
        self._seconds.labels(model).observe(seconds)

    def observe_batch(self, images: int) -> None:
        """Count a run of a model."""
        self._batch.observe(images)

    def observe_shadow(self, model: str, version: str, **images: int) -> None:
        """Count images that a challenger was asked in the shadow, by outcome."""
        for outcome, count in images.items():
            self._shadowed.labels(model, version, outcome).inc(count)

    def observe_shadow_seconds(self, model: str, version: str, seconds: float) -> None:
        """Note how long a challenger took in the shadow."""
        self._shadow_seconds.labels(model, version).observe(seconds)

    def families(self) -> list[Metric]:
        """All metrics as they are now; can be pickled."""
        return list(self.registry.collect())


def together(replicas: Mapping[str, Sequence[Metric]]) -> list[Metric]:
    """The metrics of several replicas as those of one, every sample with its ``replica``.

    Not their sum: one that a replica takes with it as it ends would fall, which Prometheus
    takes for a counter that has begun anew, and for as many events as it had counted.

    Args:
        replicas: the metrics of each by its name.
    """
    merged: dict[str, Metric] = {}
    for replica, families in replicas.items():
        for family in families:
            empty = Metric(family.name, family.documentation, family.type)
            told = merged.setdefault(family.name, empty)
            for sample in family.samples:
                if not sample.name.endswith("_created"):  # when it was first counted
                    told.add_sample(sample.name, sample.labels | {_REPLICA: replica}, sample.value)
    return list(merged.values())


def exposition(families: Sequence[Metric]) -> bytes:
    """Prometheus' text format, version 0.0.4."""
    return generate_latest(_Fixed(families))


class _Fixed(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
