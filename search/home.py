"""Where this machine keeps jobs, runs and models."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """A folder with one folder a job, the MLflow store and the server's model cache.

    Attributes:
        folder: absolute; MLflow's default would depend on the working directory.
    """

    folder: Path

    @classmethod
    def find(cls) -> Home:
        """``SECATEUR_HOME``, or ``runs`` in the working directory where that is unset or empty."""
        return cls(Path(os.environ.get("SECATEUR_HOME") or "runs").absolute())

    def job(self, name: str) -> Path:
        """Folder of a job."""
        return self.folder / name

    def named(self, job: str) -> Path:
        """Folder of a job by its name, or by the path of a folder anywhere."""
        here, there = self.job(job), Path(job)
        return there.absolute() if there.is_dir() and not here.is_dir() else here

    @property
    def tracking_uri(self) -> str:
        """``MLFLOW_TRACKING_URI``, or the SQLite store of this home."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def artifact_root(self) -> str | None:
        """Where new experiments keep files; a tracking server decides that itself."""
        own = not os.environ.get("MLFLOW_TRACKING_URI")
        return (self.folder / "mlartifacts").as_uri() if own else None

    @property
    def model_cache(self) -> Path:
        """Where served models are kept."""
        return self.folder / "served"
