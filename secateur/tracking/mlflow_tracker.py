"""The runs of a job in MLflow, through an outbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from secateur.tracking.mlflow_store import MLflowStore
from secateur.tracking.outbox import Outbox


class MLflowTracker(Outbox):
    """An outbox that sends to MLflow.

    Args:
        uri: of the tracking store, e.g. ``sqlite:////path/mlflow.db`` or a server's.
        experiment: name of the experiment, which is the job's; created where it is absent.
        job: what tells this job's runs from others of the experiment.
        folder: for the journal; a folder of its own, inside the job's.
        artifact_root: folder or URI for files; the store's default where absent.
        tell: takes lines for people, from another thread.
        gather_s: see ``Shipper``.
        pause_s: see ``Shipper``.
    """

    def __init__(
        self,
        uri: str,
        experiment: str,
        job: str,
        folder: Path,
        artifact_root: str | None = None,
        tell: Callable[[str], None] = lambda _: None,
        gather_s: float = 2.0,
        pause_s: float = 1.0,
    ) -> None:
        store = MLflowStore(uri, experiment, job, folder, artifact_root)
        remedy = f"secateur sync {experiment} sends it"
        super().__init__(folder, store, tell, remedy, gather_s, pause_s)
