"""Where a served model comes from."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from secateur import manifest
from secateur.errors import ArtifactError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedModel:
    """A saved model on this machine's disk.

    Attributes:
        version: of the model, as clients see it.
        folder: holds ``manifest.json`` and the files that it names.
    """

    version: str
    folder: Path


class ModelSource(Protocol):
    """A named place that has a current model; crosses process borders by pickling."""

    @property
    def name(self) -> str:
        """Name that clients ask for."""

    def fetch(self) -> SavedModel:
        """Bring the current model to this machine's disk, where it is not there yet.

        Raises:
            SecateurError: there is none, or it is broken.
        """


@dataclass(frozen=True)
class FolderSource:
    """A saved model in a folder.

    Attributes:
        name: name that clients ask for.
        folder: the saved model.
        version: to show to clients; a folder has none of its own.
    """

    name: str
    folder: Path
    version: str = "1"

    def __post_init__(self) -> None:
        """Hold on to the folder: a replica works in a directory of its own."""
        object.__setattr__(self, "folder", self.folder.absolute())

    def fetch(self) -> SavedModel:
        """The folder itself, its digests checked.

        Raises:
            ArtifactError: no saved model there, or an altered one.
        """
        manifest.read(self.folder)
        return SavedModel(self.version, self.folder)


class VersionStore(Protocol):
    """What is needed of a model registry; ``secateur.tracking.registry`` has it."""

    def resolve(self, name: str, alias: str) -> str:
        """The version behind an alias."""

    def download(self, name: str, version: str, into: Path) -> Path:
        """Copy a version's saved model to the folder ``into``, and return it."""


def mlflow_registry(tracking_uri: str) -> VersionStore:
    """Open the MLflow registry behind ``tracking_uri``.

    MLflow by default retries for minutes where no server answers.  A server with a good
    model on disk should not wait for that, so unless the environment says otherwise it
    gives up after one retry.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    # Imports mlflow, which a server of folders does without.
    from secateur.tracking.registry import Registry

    return Registry(tracking_uri)


@dataclass(frozen=True)
class RegistrySource:
    """The version behind an alias in a model registry.

    Versions are kept in ``cache``/name/version, and the last that was sound is noted in
    ``cache``/name/current, so that a restart needs no registry.

    Attributes:
        name: name of the registered model.
        tracking_uri: of the registry.
        cache: folder to keep downloaded versions in.
        alias: that names the version to serve; by default that of a publication,
            ``secateur.tracking.registry.CHAMPION``.
        connect: opens the registry.
    """

    name: str
    tracking_uri: str
    cache: Path
    alias: str = "champion"
    connect: Callable[[str], VersionStore] = mlflow_registry

    def __post_init__(self) -> None:
        """Hold on to the cache: a replica works in a directory of its own."""
        object.__setattr__(self, "cache", self.cache.absolute())

    def fetch(self) -> SavedModel:
        """The aliased version; where that cannot be had, the last good one on disk.

        Raises:
            RegistryError: no such model or alias, and none kept on disk.
            ArtifactError: the version is broken, and none is kept on disk.
        """
        try:
            saved = self._download()
        except Exception as error:
            # The registry may be away, or its newest version broken, in any number of
            # ways; none is a reason to stop serving a model that is good.
            kept = self._kept()
            if kept is None:
                raise
            logger.warning("%s: serving kept version %s: %s", self.name, kept.version, error)
            return kept
        self._note(saved.version)
        return saved

    def _download(self) -> SavedModel:
        registry = self.connect(self.tracking_uri)
        version = registry.resolve(self.name, self.alias)
        folder = self._folder(version)
        try:
            manifest.read(folder)  # versions are immutable: a sound copy is current
        except ArtifactError:
            folder.parent.mkdir(parents=True, exist_ok=True)
            registry.download(self.name, version, folder)
            manifest.read(folder)
        return SavedModel(version, folder)

    def _kept(self) -> SavedModel | None:
        try:
            version = self._pointer.read_text(encoding="utf-8").strip()
            manifest.read(self._folder(version))
        except (OSError, ArtifactError):
            return None
        return SavedModel(version, self._folder(version))

    def _note(self, version: str) -> None:
        # Renaming is atomic: a process killed here leaves the old note or the new one.
        with tempfile.NamedTemporaryFile(
            "w", dir=self._pointer.parent, delete=False, encoding="utf-8"
        ) as file:
            file.write(version)
        Path(file.name).replace(self._pointer)

    @property
    def _pointer(self) -> Path:
        return self.cache / self.name / "current"

    def _folder(self, version: str) -> Path:
        return self.cache / self.name / version
