"""Where the runs of one job are in MLflow: found by tag before they are created."""

from __future__ import annotations

from contextlib import suppress

from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from secateur.errors import TrackingError
from secateur.tracking import connection
from secateur.tracking.operations import Start
from secateur.tracking.store import RefusedError

JOB_TAG = "secateur.job"
KEY_TAG = "secateur.key"


class MLflowRuns:
    """The runs of one job by their keys; connects when ``connect`` is called.

    Args:
        uri: of the tracking store, e.g. ``sqlite:////path/mlflow.db`` or a server's.
        experiment: name of the experiment; created where it is absent.
        job: what tells this job's runs from others of the experiment.
        artifact_root: folder or URI for files; the store's default where absent.
    """

    def __init__(self, uri: str, experiment: str, job: str, artifact_root: str | None) -> None:
        self.uri = uri
        self._name, self._job, self._artifact_root = experiment, job, artifact_root
        self._ids: dict[str, str] = {}
        # Whether the experiment had runs of this job when it was connected to; unknown before.
        self._begun: bool | None = None

    def connect(self) -> None:
        """Find or create the experiment, unless that is done.

        Raises:
            MlflowException: the store does not answer.
            TrackingError: somebody deleted the experiment.
        """
        if self._begun is not None:
            return
        # Opens the database, where it is one: here rather than in the job's own thread.
        self.client = connection.connect(self.uri)
        found = self.client.get_experiment_by_name(self._name)
        if found is None:
            with suppress(MlflowException):  # another job may be first
                self.client.create_experiment(self._name, self._artifact_root)
            found = self.client.get_experiment_by_name(self._name)
            if found is None:
                self.client.create_experiment(self._name, self._artifact_root)
        if found.lifecycle_stage != "active":
            raise TrackingError(f"its experiment {self._name} is deleted; restore or rename it")
        self._experiment_id = str(found.experiment_id)
        self._begun = bool(self._search(f"tags.`{JOB_TAG}` = '{self._job}'"))

    def id(self, key: str) -> str:
        """The id of a run.

        Raises:
            RefusedError: there is none.
        """
        found = self._ids.get(key) or self._find(key)
        if found is None:
            raise RefusedError(f"there is no run {key}; somebody may have deleted it")
        return found

    def existing(self, key: str, *, doubtful: bool) -> Run | None:
        """A run as it is in the store, if it is there.

        Args:
            key: of the run.
            doubtful: whether another process may have created it.
        """
        known = self._ids.get(key)
        if known is None and (doubtful or self._begun):
            known = self._find(key)
        return None if known is None else self.client.get_run(known)

    def create(self, start: Start) -> str:
        """Create a run, and return its id."""
        tags = start.tags | {JOB_TAG: self._job, KEY_TAG: start.run}
        if start.parent is not None:
            tags[MLFLOW_PARENT_RUN_ID] = self.id(start.parent)
        run = self.client.create_run(
            self._experiment_id, start_time=start.at, tags=tags, run_name=start.name
        )
        self._ids[start.run] = str(run.info.run_id)
        return self._ids[start.run]

    def discard(self, key: str) -> None:
        """Delete a run; harmless where there is none."""
        self._ids.pop(key, None)
        while self._find(key):
            self.client.delete_run(self._ids.pop(key))

    def unify(self, key: str) -> None:
        """Delete the others of a key, which a request created that was thought to be lost."""
        self._find(key)

    def _find(self, key: str) -> str | None:
        found = self._search(f"tags.`{JOB_TAG}` = '{self._job}' AND tags.`{KEY_TAG}` = '{key}'")
        if not found:
            return None
        ids = [str(run.info.run_id) for run in sorted(found, key=_content, reverse=True)]
        known = self._ids.get(key)
        self._ids[key] = kept = known if known in ids else ids[0]
        for other in ids:
            if other != kept:
                self.client.delete_run(other)
        return kept

    def _search(self, condition: str) -> list[Run]:
        return list(self.client.search_runs([self._experiment_id], condition, max_results=10))


def _content(run: Run) -> int:
    return len(run.data.params) + len(run.data.metrics) + len(run.data.tags)
