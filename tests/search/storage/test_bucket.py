"""The storage on a real bucket."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from secateur.errors import JobConflictError, SpecError, StorageError
from secateur.storage import objects
from secateur.storage.hold import Hold
from secateur.storage.place import Storage
from secateur.storage.shelf import Shelf
from tests.search.storage.conftest import BUCKET, Server, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

JOB = {"name": "job", "data": {"kind": "digits"}, "prune": None}


def place() -> Storage:
    found = Storage.find(os.environ)
    assert found is not None
    return found


def test_a_sound_bucket_passes_and_nothing_is_left(bucket: Server, tmp_path: Path) -> None:
    place().check()
    assert not bucket.names(tmp_path.name)


def test_a_folder_survives_the_way_there_and_back(bucket: Server, tmp_path: Path) -> None:
    """A file of several parts of an upload, an empty one, and names that need quoting."""
    home, storage = tmp_path / "home", place()
    sent = {"large": os.urandom(12_000_000), "empty": b"", "a=1,b é+%/c d": b"quoted"}
    for name, content in sent.items():
        (home / "job" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "job" / name).write_bytes(content)
    base = storage.base_of(home / "job")
    own = Shelf(storage.files(), base, home / "job")
    own.keep()
    back = Shelf(storage.files(), base, tmp_path / "back")
    assert back.fetch()
    assert {name: (tmp_path / "back" / name).read_bytes() for name in sent} == sent
    (home / "job" / "empty").unlink()
    own.keep()
    assert bucket.names(f"{tmp_path.name}/job") == {"large", "a=1,b é+%/c d"}
    back.clear()
    assert not bucket.names(f"{tmp_path.name}/job")


def test_credentials_do_not_travel(bucket: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    files = place().files(attempts=5)
    packed = pickle.dumps(files)
    assert b"secret" not in packed
    assert pickle.loads(packed).attempts == 5
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(OSError, match="NETWORK_CONNECTION"):
        pickle.loads(pickle.dumps(place().files(attempts=1))).get_file_info(BUCKET)


def test_a_bucket_that_is_not_there_is_named(
    bucket: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_STORAGE", "s3://absent/prefix")
    with pytest.raises(SpecError, match=r"s3://absent/prefix.*a bucket that exists"):
        place().check()


def test_a_server_that_is_not_there_is_no_mistake_of_the_user(
    bucket: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StorageError, match="does not answer"):
        place().check()


def test_wrong_keys_are_named(bucket: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks from now on who comes."""
    with serving() as strict:
        address = strict.environment["AWS_ENDPOINT_URL"]
        asking = {"Content-Type": "application/octet-stream"}
        urllib.request.urlopen(
            urllib.request.Request(f"{address}/moto-api/reset-auth", b"0", asking)
        ).close()
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
        with pytest.raises(SpecError, match=r"SECATEUR_STORAGE.*AWS_"):
            place().check()


def race(start: object, won: object) -> None:
    """A process that wants the job, and stays alive until all have tried."""
    storage = place()
    own = Hold(storage.files(), f"{storage.base}/job")
    start.wait()
    try:
        own.acquire()
        won.put(1)
    except JobConflictError:
        won.put(0)
    start.wait()


def test_of_several_processes_at_most_one_holds_a_job(bucket: Server) -> None:
    context = multiprocessing.get_context("spawn")
    start, won = context.Barrier(4), context.Queue()
    racers = [context.Process(target=race, args=(start, won)) for _ in range(4)]
    for racer in racers:
        racer.start()
    assert sum(won.get(timeout=120) for _ in racers) <= 1
    for racer in racers:
        racer.join()


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"SECATEUR_STORAGE": "s3://absent/x"}, 2, "a bucket that exists"),
        ({"SECATEUR_STORAGE": "bucket/x"}, 2, "expected s3://bucket/prefix"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, 1, "does not answer"),
        ({"MLFLOW_TRACKING_URI": ""}, 2, "MLFLOW_TRACKING_URI"),
        ({"SECATEUR_HOME": "runs"}, 2, "the same on all machines"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_before_anything_starts(
    changed: dict[str, str], code: int, said: str, bucket: Server, tmp_path: Path
) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "search", "run", "job.yaml"],
        env=os.environ | {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"} | changed,
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (code, "")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("job.json"))
    assert objects.folders(bucket.files(), f"{BUCKET}/{tmp_path.name}") == []
