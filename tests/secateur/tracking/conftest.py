"""The store that these tests ask: a SQLite file, or the server that SECATEUR_TEST_STORE names.

``make test-team`` runs them against a server, with MLFLOW_TRACKING_USERNAME and _PASSWORD of one
of its members.  All tests share the store: whatever they create has a name of its own.
"""

from __future__ import annotations

import os

import pytest
from mlflow import MlflowClient

SERVER = "SECATEUR_TEST_STORE"


@pytest.fixture(scope="session")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the store."""
    file = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    uri = os.environ.get(SERVER) or f"sqlite:///{file}"
    # The first look makes the database, which may take longer than a tracker waits for a store.
    MlflowClient(uri).search_experiments(max_results=1)
    return uri


@pytest.fixture(scope="session")
def artifact_root(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """Where new experiments keep their files; a server decides that itself."""
    return None if SERVER in os.environ else tmp_path_factory.mktemp("files").as_uri()
