"""The model registry: what is published under a name, and which version is champion.

Loads without torch, so that serving can ask it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import numpy as np
import onnx
from mlflow import MlflowClient
from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

from secateur import manifest
from secateur.errors import RegistryError, RegistryUnreachableError
from secateur.gate import Gate
from secateur.tracking.names import CHAMPION

# Tags of a version: SHA-256 of its manifest, which holds those of its files, and its gate.
SEAL = "secateur.manifest_sha256"
GATE = "secateur.gate"
# Tag of a model: the versions that were champion before, the latest last, as JSON.
FORMER = "secateur.former_champions"
_REMEMBERED = 100
_MOST_MODELS = 1000
_EXTRA = "extra_files"
# MLflow's codes of a model or version, and of an alias, that is not there.
_NO_ALIAS = "INVALID_PARAMETER_VALUE"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", _NO_ALIAS)


class Registry:
    """Published models of one tracking store.

    Every method raises ``RegistryUnreachableError`` where the store does not answer.

    Args:
        uri: of the tracking store.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.client = MlflowClient(uri)

    def publish(
        self,
        run: str,
        name: str,
        folder: Path,
        tags: Mapping[str, str],
        gate: Gate | None = None,
        alias: str = CHAMPION,
    ) -> str:
        """Register the model saved in ``folder`` under an alias.

        The version is an MLflow model of the ONNX flavour, which plain MLflow code can
        load and score; the folder travels along unchanged.

        Args:
            run: id of the run that made the model.
            name: of the registered model; created where it is absent.
            folder: a saved model.
            tags: of the version.
            gate: that the model holds, and must hold to be promoted.
            alias: of the version; another that has it loses it.

        Returns:
            The version.

        Raises:
            ArtifactError: the folder holds no sound model.
        """
        content = manifest.read(folder)
        seal = {SEAL: manifest.digest(folder / manifest.MANIFEST)}
        bounds = {GATE: gate.model_dump_json()} if gate else {}
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
            name, info.model_uri, run, tags={**tags, **seal, **bounds}, model_id=info.model_id
        )
        self.assign(name, alias, str(version.version))
        return str(version.version)

    def resolve(self, name: str, alias: str = CHAMPION) -> str:
        """The version behind an alias.

        Raises:
            RegistryError: no such model or alias.
        """
        try:
            return str(self.client.get_model_version_by_alias(name, alias).version)
        except MlflowException as error:
            known = (
                f"{name} has no {alias}"
                if error.error_code == _NO_ALIAS
                else f"expected one of: {self._known()}"
            )
            message = f"models:/{name}@{alias}: not in the registry at {self.shown}; {known}"
            raise self._translated(error, message) from error

    def assign(self, name: str, alias: str, version: str) -> None:
        """Give a version an alias; a champion before it is remembered.

        Raises:
            RegistryError: no such model or version.
        """
        with self._answering(f"models:/{name}/{version}: not in the registry"):
            if alias == CHAMPION and (before := self.aliases(name).get(CHAMPION)):
                self._remember(name, [*self.former_champions(name), before])
            self.client.set_registered_model_alias(name, alias, version)

    def restore(self, name: str, former: list[str]) -> None:
        """Make the last of ``former`` champion again, and remember those before it."""
        with self._answering(f"models:/{name}/{former[-1]}: not in the registry"):
            self.client.set_registered_model_alias(name, CHAMPION, former[-1])
            self._remember(name, former[:-1])

    def release(self, name: str, alias: str) -> None:
        """Take an alias away; harmless where there is none."""
        with self._answering(f"models:/{name}: not in the registry"):
            self.client.delete_registered_model_alias(name, alias)

    def aliases(self, name: str) -> dict[str, str]:
        """Versions by alias.

        Raises:
            RegistryError: no such model.
        """
        with self._answering(f"models:/{name}: not in the registry"):
            found = self.client.get_registered_model(name).aliases
        return {alias: str(version) for alias, version in found.items()}

    def former_champions(self, name: str) -> list[str]:
        """Versions that were champion before, the latest last.

        Raises:
            RegistryError: no such model.
        """
        with self._answering(f"models:/{name}: not in the registry"):
            tags = self.client.get_registered_model(name).tags
        versions: list[str] = json.loads(tags.get(FORMER, "[]"))
        return versions

    def tags(self, name: str, version: str) -> dict[str, str]:
        """Tags of a version.

        Raises:
            RegistryError: no such version.
        """
        with self._answering(f"models:/{name}/{version}: not in the registry"):
            return dict(self.client.get_model_version(name, version).tags)

    def seal(self, name: str, version: str) -> str | None:
        """SHA-256 of a version's manifest, where it was noted at publication.

        Raises:
            RegistryError: no such version.
        """
        return self.tags(name, version).get(SEAL)

    def names(self) -> list[str]:
        """All registered models."""
        return [model.name for model in self._models()]

    def champions(self) -> list[str]:
        """All registered models that have a champion."""
        return [model.name for model in self._models() if CHAMPION in model.aliases]

    def download(self, name: str, version: str, into: Path) -> Path:
        """Copy a version's folder to ``into``, which is not there yet, and check every digest.

        Returns:
            ``into``.

        Raises:
            RegistryError: no such version.
            ArtifactError: a file is missing or altered.
        """
        missing = f"models:/{name}/{version}: not in the registry, or its files are gone"
        with (
            TemporaryDirectory(dir=into.parent, prefix=f".{into.name}-") as scratch,
            self._answering(missing),
        ):
            source = self.client.get_model_version_download_uri(name, version)
            fetched = Path(
                mlflow.artifacts.download_artifacts(
                    artifact_uri=f"{source}/{_EXTRA}", dst_path=scratch, tracking_uri=self.uri
                )
            )
            manifest.read(fetched, self.seal(name, version))
            fetched.rename(into)
        return into

    @property
    def shown(self) -> str:
        """The address, without the password that it may hold."""
        return re.sub(r"//[^/@]*@", "//", self.uri)

    def _models(self) -> list[RegisteredModel]:
        with self._answering("no model is registered"):
            return list(self.client.search_registered_models(max_results=_MOST_MODELS))

    def _known(self) -> str:
        try:
            return ", ".join(self.names()) or "none yet"
        except RegistryError:
            return "unknown, it does not answer"

    def _remember(self, name: str, versions: list[str]) -> None:
        content = json.dumps(versions[-_REMEMBERED:])
        self.client.set_registered_model_tag(name, FORMER, content)

    def _ensure(self, name: str) -> None:
        try:
            self.client.get_registered_model(name)
        except MlflowException:
            self.client.create_registered_model(name)

    @contextmanager
    def _answering(self, absent: str) -> Iterator[None]:
        """MLflow's errors as ours; ``absent`` is said of what is not there."""
        try:
            yield
        except MlflowException as error:
            raise self._translated(error, absent) from error

    def _translated(self, error: MlflowException, absent: str) -> RegistryError:
        if error.error_code in _ABSENT:
            return RegistryError(absent)
        reason = str(error).splitlines()[0]
        return RegistryUnreachableError(f"the registry at {self.shown} does not answer: {reason}")
