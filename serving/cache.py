"""Downloaded versions of a model on this machine's disk, shared by all its processes."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from secateur import manifest
from secateur.errors import ArtifactError

KEPT = 3
"""Versions of a model that stay on the disk, however many there have been."""

_SCRATCH = "."
# Of a rename onto a folder that holds something, or onto a file.
_IN_THE_WAY = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
# After which a process that was bringing a version here has been killed.
_LONGEST_S = 86400.0


@dataclass(frozen=True)
class VersionCache:
    """A folder with one folder a version, and a note an alias.

    Everything appears by renaming, which is atomic: a process that is killed, or another
    that does the same at the same time, leaves no half of anything.

    Attributes:
        folder: of one model; made when it is first needed.
    """

    folder: Path

    def find(self, version: str, seal: str | None = None) -> Path | None:
        """The folder of a version, if it is there and sound.

        Args:
            version: of the model.
            seal: SHA-256 of its manifest, where known.
        """
        folder = self.folder / version
        try:
            manifest.read(folder, seal)
        except ArtifactError:
            return None
        return folder

    def add(self, version: str, seal: str | None, download: Callable[[Path], object]) -> Path:
        """Bring a version here.

        Args:
            version: of the model.
            seal: SHA-256 of its manifest, where known.
            download: makes the folder that it is given, and its content.

        Returns:
            The folder of the version.

        Raises:
            ArtifactError: what was downloaded is broken; what was here stays.
            OSError: the disk does not take it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=_SCRATCH) as scratch:
            fresh = Path(scratch, "model")
            download(fresh)
            manifest.read(fresh, seal)
            for attempt in count():
                try:
                    fresh.rename(self.folder / version)
                    break
                except OSError as error:
                    if error.errno not in _IN_THE_WAY:
                        raise
                if self.find(version, seal):  # another process was faster
                    break
                with suppress(FileNotFoundError):
                    (self.folder / version).rename(Path(scratch, f"broken-{attempt}"))
        return self.folder / version

    def note(self, alias: str, version: str) -> None:
        """Remember the version behind an alias, and let go of old ones.

        What some alias names stays, and so do the ``KEPT`` versions that were noted last; what
        killed processes left a day ago goes as well.
        """
        with tempfile.NamedTemporaryFile(
            "w", dir=self.folder, prefix=_SCRATCH, delete=False, encoding="utf-8"
        ) as file:
            file.write(version)
        Path(file.name).replace(self.folder / alias)
        with suppress(OSError):  # tidying must not fail what is done
            os.utime(self.folder / version)
            _prune(self.folder)

    def forget(self, alias: str) -> None:
        """Forget what was noted of an alias."""
        (self.folder / alias).unlink(missing_ok=True)

    def noted(self, alias: str) -> Path | None:
        """The folder of the version that was noted last, if it is sound."""
        try:
            version = (self.folder / alias).read_text(encoding="utf-8").strip()
        except OSError:
            return None
        return self.find(version)


def _prune(folder: Path) -> None:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime, reverse=True)
    shown = [entry for entry in entries if not entry.name.startswith(_SCRATCH)]
    noted = {Path(entry).read_text(encoding="utf-8") for entry in shown if entry.is_file()}
    for old in [entry for entry in shown if entry.is_dir()][KEPT:]:
        if old.name not in noted:
            # Away at once, so that nobody finds half of it.
            with tempfile.TemporaryDirectory(dir=folder, prefix=_SCRATCH) as scratch:
                Path(old).rename(Path(scratch, "old"))
    for left in set(entries) - set(shown):
        if time.time() - left.stat().st_mtime > _LONGEST_S:
            shutil.rmtree(left, ignore_errors=True)
