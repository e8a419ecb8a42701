"""An S3-compatible server of its own environment: ``make test-storage``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyarrow.fs import AwsStandardS3RetryStrategy, FileSelector, FileType, S3FileSystem

VARIABLE = "SECATEUR_S3"
"""Names the environment that has the server's package."""

BUCKET = "jobs"


@dataclass(frozen=True)
class Server:
    """A server with one bucket."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def files(self) -> S3FileSystem:
        """The server as tests look into it."""
        return S3FileSystem(
            access_key="key",
            secret_key="secret",
            region="us-east-1",
            endpoint_override=self.environment["AWS_ENDPOINT_URL"].removeprefix("http://"),
            scheme="http",
            allow_bucket_creation=True,
            # Until it has started: some 90 seconds.
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=12),
        )

    def names(self, prefix: str) -> set[str]:
        """Objects below a prefix, but for those that begin with a dot."""
        base = f"{BUCKET}/{prefix}"
        entries = self.files().get_file_info(FileSelector(base, recursive=True))
        files = (each.path for each in entries if each.type == FileType.File)
        names = {path.removeprefix(f"{base}/") for path in files}
        return {name for name in names if "/." not in f"/{name}"}

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let no request be answered."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of loopback, until the end."""
    if VARIABLE not in os.environ:
        pytest.skip(f"{VARIABLE} names no environment of a server; make test-storage makes one")
    program = Path(os.environ[VARIABLE]) / "bin" / "moto_server"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    server = Server(process, environment)
    try:
        server.files().create_dir(BUCKET)
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that tests share, each with a prefix of its own."""
    with serving() as server:
        yield server


@pytest.fixture
def bucket(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, as the storage of this process."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_STORAGE", f"s3://{BUCKET}/{tmp_path.name}")
    return server
