"""Where jobs are kept when the machines of a cluster share no folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from secateur.errors import SpecError, StorageError
from secateur.storage import objects

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

T = TypeVar("T")

STORAGE = "SECATEUR_STORAGE"
HOME = "SECATEUR_HOME"

ATTEMPTS = 12
"""Of a request, with longer and longer pauses: some 90 seconds where nothing answers."""


@dataclass(frozen=True)
class Storage:
    """A prefix of a bucket, with a folder a job as a home has them.

    Attributes:
        address: ``s3://bucket/prefix``, or ``file:///folder`` for one that is mounted.
        home: the folder on this machine whose jobs it keeps, the same on all machines.
    """

    address: str
    home: Path

    @classmethod
    def find(cls, environment: Mapping[str, str]) -> Self | None:
        """What ``SECATEUR_STORAGE`` and ``SECATEUR_HOME`` name; nothing without the former.

        Raises:
            SpecError: the address is none, or the home no absolute path.
        """
        address = environment.get(STORAGE)
        if not address:
            return None
        parts = urlsplit(address)
        bucket = parts.netloc if parts.scheme == "s3" else parts.path.strip("/")
        if parts.scheme not in ("s3", "file") or not bucket or parts.query or parts.fragment:
            raise SpecError(STORAGE, address, "s3://bucket/prefix")
        home = environment.get(HOME, "")
        if not os.path.isabs(home):
            expected = f"an absolute folder, the same on all machines, with {STORAGE}"
            raise SpecError(HOME, home or "nothing", expected)
        return cls(address.rstrip("/"), Path(home))

    @property
    def base(self) -> str:
        """The path of the prefix, as its file system has it."""
        parts = urlsplit(self.address)
        return (parts.netloc + parts.path) if parts.scheme == "s3" else parts.path

    def base_of(self, folder: Path) -> str:
        """The path there of a folder of the home.

        Raises:
            StorageError: the folder is outside of the home.
        """
        if not folder.is_relative_to(self.home):
            raise StorageError(
                f"{folder}: not inside of {HOME} {self.home} of this machine; "
                "expected the same on all machines"
            )
        return f"{self.base}/{folder.relative_to(self.home).as_posix()}"

    def files(self, attempts: int = ATTEMPTS) -> FileSystem:
        """The file system that ``base`` is a path of.

        Args:
            attempts: of a request that gets no answer.
        """
        if urlsplit(self.address).scheme == "file":
            from pyarrow.fs import LocalFileSystem

            return LocalFileSystem()
        from secateur.storage.bucket import Bucket

        return Bucket(attempts)

    def check(self) -> None:
        """Write and read a few bytes.

        Raises:
            SpecError: there is no such bucket, or these credentials may not write to it.
            StorageError: it does not answer.
        """
        files, probe = self.files(attempts=2), f"{self.base}/.probe-{uuid4().hex}"

        def probed() -> None:
            objects.write(files, probe, b"secateur")
            objects.read(files, probe)
            files.delete_file(probe)

        self.asked(probed)

    def asked(self, action: Callable[[], T]) -> T:
        """Do something that needs the storage.

        Raises:
            SpecError: it refuses, for a reason that a user can mend.
            StorageError: it does not answer.
        """
        try:
            return action()
        except OSError as error:
            if isinstance(error.errno, int):  # of a disk here
                raise
            raise objects.told(error, self.address) from error
