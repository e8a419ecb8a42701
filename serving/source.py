"""Where a served model comes from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from secateur.tracking.names import CHALLENGER, CHAMPION
from serving.cache import VersionCache


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
    """A named place that says which version is current; crosses process borders by pickling."""

    @property
    def name(self) -> str:
        """Name that clients ask for."""

    def resolve(self) -> str:
        """The version that should be served now.

        Raises:
            RegistryError: there is none.
        """

    def fetch(self, version: str) -> SavedModel:
        """Bring a version to this machine's disk, where it is not there yet.

        Raises:
            SecateurError: it cannot be had, or is broken.
        """

    def keep(self, saved: SavedModel) -> None:
        """Note that a version is sound, for ``kept``."""

    def kept(self) -> SavedModel | None:
        """The last sound version on this machine's disk, if there is one."""

    def forget(self) -> None:
        """Note that nothing is current, for ``kept``."""

    def challenger(self) -> ModelSource | None:
        """Where the version comes from that may become current, if there can be one."""


@dataclass(frozen=True)
class FolderSource:
    """A saved model in a folder, which stays as it is.

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

    def resolve(self) -> str:
        """The one version."""
        return self.version

    def fetch(self, version: str) -> SavedModel:
        """The folder itself; whoever opens it checks its digests."""
        return SavedModel(version, self.folder)

    def keep(self, saved: SavedModel) -> None:
        """Nothing to do."""

    def kept(self) -> SavedModel | None:
        """None: where the folder is broken, there is no other."""
        return None

    def forget(self) -> None:
        """Nothing to do."""

    def challenger(self) -> ModelSource | None:
        """None."""
        return None


class VersionStore(Protocol):
    """What is needed of a model registry; ``secateur.tracking.registry`` has it."""

    def champions(self) -> list[str]:
        """All models that have a champion."""

    def resolve(self, name: str, alias: str) -> str:
        """The version behind an alias."""

    def seal(self, name: str, version: str) -> str | None:
        """SHA-256 of a version's manifest, where it is known."""

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
    ``cache``/name/alias, so that a restart needs no registry.

    Attributes:
        name: name of the registered model.
        tracking_uri: of the registry.
        cache: folder to keep downloaded versions in.
        alias: that names the version to serve.
        connect: opens the registry.
    """

    name: str
    tracking_uri: str
    cache: Path
    alias: str = CHAMPION
    connect: Callable[[str], VersionStore] = mlflow_registry

    def __post_init__(self) -> None:
        """Hold on to the cache: a replica works in a directory of its own."""
        object.__setattr__(self, "cache", self.cache.absolute())

    def resolve(self) -> str:
        """The version behind the alias.

        Raises:
            RegistryError: no such model or alias; ``RegistryUnreachableError`` where the
                registry does not answer.
        """
        return self.connect(self.tracking_uri).resolve(self.name, self.alias)

    def fetch(self, version: str) -> SavedModel:
        """A version's copy on disk if that is sound, else from the registry.

        A version never changes, so what is fetched is what was resolved, wherever the alias
        has moved to meanwhile.

        Raises:
            RegistryError: no such version, or the registry does not answer.
            ArtifactError: the version is broken.
        """
        store = self.connect(self.tracking_uri)
        seal = store.seal(self.name, version)
        folder = self._versions.find(version, seal) or self._versions.add(
            version, seal, lambda into: store.download(self.name, version, into)
        )
        return SavedModel(version, folder)

    def keep(self, saved: SavedModel) -> None:
        """Note a version for a restart without registry."""
        self._versions.note(self.alias, saved.version)

    def kept(self) -> SavedModel | None:
        """The version that was noted last, if its copy is sound."""
        folder = self._versions.noted(self.alias)
        return SavedModel(folder.name, folder) if folder else None

    def forget(self) -> None:
        """Have no version for a restart without registry."""
        self._versions.forget(self.alias)

    def challenger(self) -> ModelSource | None:
        """The same model under the alias of challengers."""
        return replace(self, alias=CHALLENGER)

    @property
    def _versions(self) -> VersionCache:
        return VersionCache(self.cache / self.name)


def kept_models(cache: Path) -> list[str]:
    """Models whose champion is kept in ``cache``, as ``RegistrySource`` takes it."""
    notes = cache.glob(f"*/{CHAMPION}")
    return sorted(note.parent.name for note in notes if VersionCache(note.parent).noted(CHAMPION))
