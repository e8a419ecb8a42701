"""How MLflow is connected to: without its own patience, and to a new SQLite file one by one."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, suppress
from pathlib import Path

from mlflow import MlflowClient

# MLflow's client would ask a server that is away for minutes. And a request that got no answer may
# have been done all the same: here it is asked again by those who look first.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
# An address for every run that ends belongs on no job's display, and costs a request.
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

_FILE = "sqlite:///"


def connect(uri: str) -> MlflowClient:
    """A client of a tracking store, and of the registry in it; makes a database that is not there.

    Processes that find the same new SQLite file would all make its tables, and break it for each
    other: they wait for the first.

    Args:
        uri: of the store, e.g. ``sqlite:////path/mlflow.db`` or a server's.

    Raises:
        MlflowException: ``uri`` is none of a store.
        Exception: of the database, which MLflow opens here and does not wrap.
    """
    with ExitStack() as held:
        if uri.startswith(_FILE):
            file = Path(uri.removeprefix(_FILE).partition("?")[0])
            # Whoever may not write there makes no database there either.
            with suppress(OSError, ValueError):  # the latter: of no file, which is in memory
                lock = held.enter_context(file.with_name(f".{file.name}.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
        return MlflowClient(uri)
