from __future__ import annotations

from pathlib import Path

import pytest

from secateur.errors import SpecError, StorageError, UserError
from secateur.storage import objects
from secateur.storage.place import Storage

HOME = {"SECATEUR_HOME": "/var/jobs"}


def found(address: str) -> Storage:
    storage = Storage.find(HOME | {"SECATEUR_STORAGE": address})
    assert storage is not None
    return storage


def test_without_an_address_there_is_no_storage() -> None:
    assert Storage.find(HOME) is None
    assert Storage.find(HOME | {"SECATEUR_STORAGE": ""}) is None


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("s3://bucket", "bucket/job/agents"),
        ("s3://bucket/", "bucket/job/agents"),
        ("s3://bucket/team/a", "bucket/team/a/job/agents"),
        ("file:///mnt/jobs", "/mnt/jobs/job/agents"),
    ],
)
def test_a_folder_of_the_home_has_its_place(address: str, base: str) -> None:
    assert found(address).base_of(Path("/var/jobs/job/agents")) == base


@pytest.mark.parametrize(
    "address",
    ["bucket/prefix", "s3://", "s3:///prefix", "gs://bucket", "http://host/b", "file://", "s3:b",
     "s3://bucket/prefix?region=x", "/mnt/jobs"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SpecError, match="expected s3://bucket/prefix"):
        found(address)


@pytest.mark.parametrize("home", [{}, {"SECATEUR_HOME": "runs"}])
def test_the_home_must_be_the_same_whatever_the_working_directory(home: dict[str, str]) -> None:
    with pytest.raises(SpecError, match="the same on all machines"):
        Storage.find(home | {"SECATEUR_STORAGE": "s3://bucket"})


def test_a_folder_elsewhere_has_no_place() -> None:
    with pytest.raises(StorageError, match="not inside of SECATEUR_HOME /var/jobs"):
        found("s3://bucket").base_of(Path("/tmp/job"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("When creating key 'x' in bucket 'b': AWS Error NO_SUCH_BUCKET during PutObject",
         "a bucket that exists"),
        ("Bucket 'b' not found.", "a bucket that exists"),
        ("AWS Error ACCESS_DENIED during PutObject operation", "credentials that may write"),
        ("AWS Error INVALID_ACCESS_KEY_ID during PutObject", "a known key in AWS_ACCESS_KEY_ID"),
        ("AWS Error SIGNATURE_DOES_NOT_MATCH during GetObject", "the secret of the key"),
    ],
)  # fmt: skip
def test_what_a_user_can_mend_is_said(said: str, expected: str) -> None:
    error = objects.told(OSError(f"{said}\nand more"), "s3://b")
    assert isinstance(error, UserError)
    assert expected in str(error)


def test_what_nobody_here_can_mend_is_no_mistake_of_the_user() -> None:
    said = "AWS Error NETWORK_CONNECTION during HeadBucket operation"
    error = objects.told(OSError(f"{said}\nmore"), "s3://b")
    assert isinstance(error, StorageError)
    assert str(error) == f"s3://b does not answer: {said}"
