from __future__ import annotations

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from secateur.errors import TrackingError
from secateur.tracking.mlflow_runs import MLflowRuns
from secateur.tracking.operations import Start


def test_a_store_that_goes_away_halfway_through_connecting_is_connected_to_again(
    uri: str, artifact_root: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = MLflowRuns(uri, "connected twice", "a", artifact_root)

    def away(_runs: MLflowRuns, _condition: str) -> list[Run]:
        raise MlflowException("away")

    with monkeypatch.context() as patch:
        patch.setattr(MLflowRuns, "_search", away)
        with pytest.raises(MlflowException, match="away"):
            runs.connect()
    runs.connect()
    # Of the job's first process nothing is looked for, and it is known that this is one.
    assert runs.existing("trial", doubtful=False) is None


def test_an_experiment_that_somebody_deleted_is_gone_on_with_once_it_is_restored(
    uri: str, artifact_root: str | None
) -> None:
    client = MlflowClient(uri)
    experiment = client.create_experiment("deleted", artifact_root)
    client.delete_experiment(experiment)
    runs = MLflowRuns(uri, "deleted", "a", artifact_root)
    with pytest.raises(TrackingError, match="its experiment deleted is deleted; restore or rename"):
        runs.connect()
    client.restore_experiment(experiment)
    runs.connect()
    made = runs.create(Start(run="trial", name="trial-0", at=0))
    assert client.get_run(made).info.experiment_id == experiment
