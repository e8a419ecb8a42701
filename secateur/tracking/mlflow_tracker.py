"""Runs in MLflow, written by the driver alone.

Workers never log: Tune ends a trial's function inside its report, which would leave
runs open for ever.  Metrics are gathered and written in batches, since one call a key
is an order of magnitude slower.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from secateur.records import Scalar
from secateur.tracking.port import Status

JOB_TAG = "secateur.job"
KEY_TAG = "secateur.key"
_FLUSH_AFTER_S = 2.0

# A tracking server that is gone should cost seconds, not minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")


class MLflowTracker:
    """The runs of one job, in an experiment of the job's name.

    Args:
        uri: of the tracking store, e.g. ``sqlite:////path/mlflow.db`` or a server's.
        experiment: name of the experiment; created where it is absent.
        job: what tells this job's runs from others of the experiment.
        artifact_root: folder or URI for files; the store's default where absent.
    """

    def __init__(
        self, uri: str, experiment: str, job: str, artifact_root: str | None = None
    ) -> None:
        self.client = MlflowClient(uri)
        self._job = job
        self.experiment_id = self._experiment(experiment, artifact_root)
        self._pending: dict[str, list[Metric]] = defaultdict(list)
        self._last_step: dict[str, dict[str, int]] = {}
        self._open: list[str] = []
        self._flushed = time.monotonic()

    def start(
        self,
        key: str,
        *,
        name: str,
        parent: str | None = None,
        parameters: Mapping[str, Scalar] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """See ``Tracker.start``."""
        run = self._find(key) or self._create(key, name, parent)
        run_id: str = run.info.run_id
        known = run.data.params
        self.client.log_batch(
            run_id,
            params=[
                Param(field, str(value))
                for field, value in (parameters or {}).items()
                if field not in known
            ],
            tags=[RunTag(field, value) for field, value in (tags or {}).items()],
        )
        if run.info.status != "RUNNING":
            self.client.update_run(run_id, status="RUNNING")
        self._open.append(run_id)
        self._last_step[run_id] = {
            metric: max(point.step for point in self.client.get_metric_history(run_id, metric))
            for metric in run.data.metrics
        }
        return run_id

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        """See ``Tracker.log``."""
        now = int(time.time() * 1000)
        last = self._last_step.setdefault(run, {})
        for name, value in metrics.items():
            if step > last.get(name, -1):
                last[name] = step
                self._pending[run].append(Metric(name, float(value), now, step))
        if time.monotonic() - self._flushed > _FLUSH_AFTER_S:
            self.flush()

    def attach(self, run: str, path: Path, folder: str = "") -> None:
        """See ``Tracker.attach``."""
        self.client.log_artifact(run, str(path), folder or None)

    def end(self, run: str, status: Status = "FINISHED", reason: str | None = None) -> None:
        """See ``Tracker.end``."""
        self.flush()
        if reason is not None:
            self.client.set_tag(run, "stop_reason", reason)
        self.client.set_terminated(run, status)
        self._open.remove(run)

    def end_all(self, status: Status, reason: str | None = None) -> None:
        """Close every run that is still open, children before parents."""
        for run in reversed(self._open.copy()):
            self.end(run, status, reason)

    def flush(self) -> None:
        """Write everything that was gathered."""
        for run, metrics in self._pending.items():
            self.client.log_batch(run, metrics=metrics)
        self._pending.clear()
        self._flushed = time.monotonic()

    def _experiment(self, name: str, artifact_root: str | None) -> str:
        found = self.client.get_experiment_by_name(name)
        if found is None:
            with suppress(MlflowException):  # another job may have been first
                return str(self.client.create_experiment(name, artifact_root))
            found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id)

    def _find(self, key: str) -> Run | None:
        runs = self.client.search_runs(
            [self.experiment_id],
            f"tags.`{JOB_TAG}` = '{self._job}' AND tags.`{KEY_TAG}` = '{key}'",
            max_results=1,
        )
        return runs[0] if runs else None

    def _create(self, key: str, name: str, parent: str | None) -> Run:
        tags = {JOB_TAG: self._job, KEY_TAG: key}
        if parent is not None:
            tags[MLFLOW_PARENT_RUN_ID] = parent
        return self.client.create_run(self.experiment_id, tags=tags, run_name=name)
