"""The model registry: what is published under a name, and which version is champion.

Loads without torch, so that serving can ask it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException

from secateur import manifest
from secateur.errors import RegistryError, RegistryUnreachableError
from secateur.gate import Gate
from secateur.generator_gate import GeneratorGate
from secateur.tracking import connection, flavor, publication
from secateur.tracking.card import Card
from secateur.tracking.faults import ABSENT, NO_ALIAS, reason, registry_error, shown
from secateur.tracking.names import CHAMPION
from secateur.tracking.publication import GATE, SEAL

# Tag of a model: the versions that were champion before, the latest last, as JSON.
FORMER = "secateur.former_champions"
_REMEMBERED = 100
_MOST_MODELS = 1000


class Registry:
    """Published models of one tracking store.

    Every method raises ``RegistryUnreachableError`` where the store does not answer.

    Args:
        uri: of the tracking store.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        try:
            with self._answering(
                f"MLFLOW_TRACKING_URI: '{self.shown}' is not usable; expected an address as "
                "http://host:5000 or sqlite:////path/mlflow.db"
            ):
                self.client = connection.connect(uri)
        except RegistryError:
            raise
        except Exception as error:  # of the database, which MLflow opens and does not wrap
            message = f"the registry at {self.shown} cannot be opened: {reason(error)}"
            raise RegistryUnreachableError(message) from error

    def publish(
        self,
        run: str,
        name: str,
        folder: Path,
        card: Card,
        gate: Gate | GeneratorGate | None = None,
        alias: str = CHAMPION,
    ) -> str:
        """Register the model saved in ``folder`` under an alias.

        The version is an MLflow model of the ONNX flavour, which plain MLflow code can
        load and score; the folder travels along unchanged.  A run that is done again publishes
        the same files once.

        Args:
            run: id of the run that made the model.
            name: of the registered model; created where it is absent.
            folder: a saved model.
            card: what the version says of itself.
            gate: that the model holds, and must hold to be promoted.
            alias: of the version; another that has it loses it.

        Returns:
            The version.

        Raises:
            ArtifactError: the folder holds no sound model.
            RegistryError: no such run.
        """
        manifest.read(folder)
        seal = manifest.digest(folder / manifest.MANIFEST)
        tags = {SEAL: seal, **({GATE: gate.model_dump_json()} if gate else {})}
        with self._answering(f"run {run}: not in the store, or the store refuses the model"):
            version = publication.find(self.client, run, name, seal)
            if version is None:
                mlflow.set_tracking_uri(self.uri)
                version = publication.add(self.client, run, name, folder, card, tags)
        self.assign(name, alias, version)
        return version

    def resolve(self, name: str, alias: str = CHAMPION) -> str:
        """The version behind an alias.

        Raises:
            RegistryError: no such model or alias.
        """
        try:
            return str(self.client.get_model_version_by_alias(name, alias).version)
        except MlflowException as error:
            if error.error_code == NO_ALIAS:
                known = f"; {name} has no {alias}"
            else:  # a server that is away is not asked once more
                known = f"; expected one of: {self._known()}" if error.error_code in ABSENT else ""
            message = f"models:/{name}@{alias}: not in the registry at {self.shown}{known}"
            raise registry_error(error, message, self.uri) from error

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
        try:
            found = self.client.get_registered_model(name).aliases
        except MlflowException as error:
            known = f"; expected one of: {self._known()}" if error.error_code in ABSENT else ""
            message = f"models:/{name}: not in the registry at {self.shown}{known}"
            raise registry_error(error, message, self.uri) from error
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
                    artifact_uri=f"{source}/{flavor.FOLDER}",
                    dst_path=scratch,
                    tracking_uri=self.uri,
                )
            )
            manifest.read(fetched, self.seal(name, version))
            fetched.rename(into)
        return into

    @property
    def shown(self) -> str:
        """The address, without the password that it may hold."""
        return shown(self.uri)

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

    @contextmanager
    def _answering(self, absent: str) -> Iterator[None]:
        """MLflow's errors as ours; ``absent`` is said of what is not there."""
        try:
            yield
        except MlflowException as error:
            raise registry_error(error, absent, self.uri) from error
