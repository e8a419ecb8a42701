"""Objects of a storage, read and written whole; pyarrow, which is slow, is imported in here."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from secateur.errors import SecateurError, SpecError, StorageError

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

_TRIES = 3

# What servers answer for good, by what a user can mend.
_REFUSALS = {
    "NO_SUCH_BUCKET": "a bucket that exists",
    "Bucket '": "a bucket that exists",  # "Bucket '…' not found", of pyarrow itself
    "ACCESS_DENIED": "credentials that may write here: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY",
    "INVALID_ACCESS_KEY_ID": "a known key in AWS_ACCESS_KEY_ID",
    "SIGNATURE_DOES_NOT_MATCH": "the secret of the key in AWS_SECRET_ACCESS_KEY",
    "InvalidAccessKeyId": "a known key in AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret of the key in AWS_SECRET_ACCESS_KEY",
}


def read(files: FileSystem, path: str) -> bytes:
    """A whole object.

    Raises:
        FileNotFoundError: there is none.
        OSError: the bucket does not answer.
    """
    for _ in range(_TRIES - 1):
        # It is opened first and read then: in between it may become another, or be removed.
        with suppress(OSError):
            return _read(files, path)
    return _read(files, path)


def _read(files: FileSystem, path: str) -> bytes:
    with files.open_input_stream(path) as stream:
        content: bytes = stream.read()
    return content


def write(files: FileSystem, path: str, content: bytes) -> None:
    """Write an object, whole or not at all.

    Raises:
        OSError: the bucket does not answer.
    """
    target = path
    if files.type_name == "local":  # a bucket's objects appear when they are whole
        folder, _, name = path.rpartition("/")
        files.create_dir(folder, recursive=True)
        target = f"{folder}/.{name}-{uuid4().hex}"
    with files.open_output_stream(target) as stream:
        stream.write(content)
    if target != path:
        files.move(target, path)


def remove(files: FileSystem, path: str) -> None:
    """Remove an object; harmless where there is none.

    Raises:
        OSError: the bucket does not answer.
    """
    with suppress(FileNotFoundError):
        files.delete_file(path)


def listing(files: FileSystem, path: str, *, recursive: bool = False) -> list[FileInfo]:
    """What lies below a path; nothing where there is no such path.

    Raises:
        OSError: the bucket does not answer.
    """
    from pyarrow.fs import FileSelector

    selector = FileSelector(path, allow_not_found=True, recursive=recursive)
    for _ in range(_TRIES - 1):
        # A folder that another process creates or removes during the look is an error of pyarrow.
        with suppress(FileNotFoundError):
            return list(files.get_file_info(selector))
    return list(files.get_file_info(selector))


def folders(files: FileSystem, path: str) -> list[str]:
    """Names of the folders right below a path; none where there is nothing.

    Raises:
        OSError: the bucket does not answer.
    """
    from pyarrow.fs import FileType

    entries = listing(files, path)
    return sorted(entry.base_name for entry in entries if entry.type == FileType.Directory)


def told(error: OSError, address: str) -> SecateurError:
    """What went wrong, as an error with a line for a person."""
    said = (str(error).splitlines() or [repr(error)])[0]
    for sign, expected in _REFUSALS.items():
        if sign in said:
            return SpecError("SECATEUR_STORAGE", address, expected)
    return StorageError(f"{address} does not answer: {said}")
