"""The model registry: what is published under a name, and which version is champion.

Loads without torch, so that serving can ask it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import numpy as np
import onnx
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

from secateur import manifest
from secateur.errors import RegistryError

CHAMPION = "champion"
_EXTRA = "extra_files"


class Registry:
    """Published models of one tracking store.

    Args:
        uri: of the tracking store.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.client = MlflowClient(uri)

    def publish(self, run: str, name: str, folder: Path, tags: Mapping[str, str]) -> str:
        """Register the model saved in ``folder`` and make it champion.

        The version is an MLflow model of the ONNX flavour, which plain MLflow code can
        load and score; the folder travels along unchanged.

        Args:
            run: id of the run that made the model.
            name: of the registered model; created where it is absent.
            folder: a saved model.
            tags: of the version.

        Returns:
            The version.

        Raises:
            ArtifactError: the folder holds no sound model.
        """
        content = manifest.read(folder)
        shape = (1, *content.architecture.input_shape)
        example = np.zeros(shape, np.float32)
        output = np.zeros((1, content.architecture.classes), np.float32)
        mlflow.set_tracking_uri(self.uri)
        with mlflow.start_run(run_id=run, log_system_metrics=False):
            info = mlflow.onnx.log_model(
                onnx.load(folder / manifest.GRAPH),
                name="model",
                signature=infer_signature(example, output),
                input_example=example,
                # Inferring the requirements would load and run the model again.
                pip_requirements=["onnxruntime", "numpy"],
                onnx_execution_providers=["CPUExecutionProvider"],
                extra_files=[str(path) for path in sorted(folder.iterdir())],
                save_as_external_data=False,
            )
        self._ensure(name)
        version = self.client.create_model_version(
            name, info.model_uri, run, tags=dict(tags), model_id=info.model_id
        )
        self.client.set_registered_model_alias(name, CHAMPION, version.version)
        return str(version.version)

    def resolve(self, name: str, alias: str = CHAMPION) -> str:
        """The version behind an alias.

        Raises:
            RegistryError: no such model or alias.
        """
        try:
            return str(self.client.get_model_version_by_alias(name, alias).version)
        except MlflowException as error:
            raise RegistryError(
                f"models:/{name}@{alias}: not in the registry at {self.uri}; {self._known()}"
            ) from error

    def names(self) -> list[str]:
        """All registered models."""
        return [model.name for model in self.client.search_registered_models()]

    def download(self, name: str, version: str, into: Path) -> Path:
        """Copy a version's folder to ``into`` and check every digest.

        Returns:
            ``into``.

        Raises:
            RegistryError: no such version.
            ArtifactError: a file is missing or altered.
        """
        try:
            source = self.client.get_model_version_download_uri(name, version)
        except MlflowException as error:
            raise RegistryError(f"models:/{name}/{version}: not in the registry") from error
        with TemporaryDirectory(dir=into.parent, prefix=f".{into.name}-") as scratch:
            fetched = mlflow.artifacts.download_artifacts(
                artifact_uri=f"{source}/{_EXTRA}", dst_path=scratch, tracking_uri=self.uri
            )
            manifest.read(Path(fetched))
            shutil.rmtree(into, ignore_errors=True)
            shutil.move(fetched, into)
        return into

    def _known(self) -> str:
        try:
            return f"expected one of: {', '.join(self.names()) or 'none yet'}"
        except MlflowException:
            return "no registry answers there"

    def _ensure(self, name: str) -> None:
        try:
            self.client.get_registered_model(name)
        except MlflowException:
            self.client.create_registered_model(name)
