"""How far a job is, for Prometheus: told by the node of the cluster that its driver is on."""

from __future__ import annotations

from ray.util.metrics import Gauge

from search.status import Status

# Ray puts "ray_" before them. The unit is trials, episodes or epochs; Prometheus has a label job of
# its own.
DONE, TOTAL, RUNNING, FAILED = (
    f"secateur_stage_{what}" for what in ("done", "total", "running", "failed")
)
_LABELS = ("job_name", "stage", "unit")


class Telemetry:
    """A display of one job on the cluster that this process has joined."""

    def __init__(self) -> None:
        self._done = Gauge(DONE, "Trials, episodes or epochs of a stage that ended.", _LABELS)
        self._total = Gauge(TOTAL, "Those that the stage has in all, where known.", _LABELS)
        self._running = Gauge(RUNNING, "Those that run.", _LABELS)
        self._failed = Gauge(FAILED, "Those that failed.", _LABELS)
        self._labels: dict[str, str] | None = None

    def show(self, status: Status) -> None:
        """Tell how the stage goes."""
        if (activity := status.activity) is None:
            return
        labels = {"job_name": status.job, "stage": status.stage, "unit": activity.unit}
        self._labels = labels
        self._done.set(activity.done, labels)
        self._running.set(activity.running, labels)
        self._failed.set(activity.failed, labels)
        if activity.total is not None:
            self._total.set(activity.total, labels)

    def line(self, text: str) -> None:
        """Lines are for people."""

    def clear(self) -> None:
        """The stage is over, however it ended: nothing of it runs, what was reached stays."""
        if self._labels is not None:
            self._running.set(0, self._labels)
