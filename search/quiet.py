"""Keeps the libraries' own chatter out of a job's lines; their warnings stay."""

from __future__ import annotations

import logging
import os


def hush() -> None:
    """Call before Ray, Optuna and MLflow are imported."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Tune's tables would print hundreds of lines for a dozen trials.
    os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("alembic", "ray.rllib", "ray.serve"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # On an interruption it would advise to call Tuner.restore; the same command does that.
    logging.getLogger("ray.tune").setLevel(logging.ERROR)
    # Of a trial that fails a line is told; the traceback is in the trial's folder.
    logging.getLogger("ray.tune.execution.tune_controller").setLevel(logging.CRITICAL)
