from __future__ import annotations

import pytest
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from secateur.tracking.mlflow_runs import MLflowRuns


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
