"""A Ray head of our own with token authentication, as a process on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from secateur.errors import ClusterError
from serving.jobs.ray_cluster import RayCluster

TOKEN = "a-token-of-32-characters-at-least"
BIN = Path(sys.executable).parent
_READY_S = 60


@dataclass(frozen=True)
class Head:
    """Where a head answers, and what its clients need in their environment."""

    url: str
    environment: Mapping[str, str]

    @property
    def cluster(self) -> RayCluster:
        return RayCluster(self.url, self.environment)


@contextmanager
def ray_head(extra: Mapping[str, str], cpus: int = 2) -> Iterator[Head]:
    """Start a head that answers, and end it and all that it started.

    Args:
        extra: environment of the head, and with it of its jobs.
        cpus: logical ones.
    """
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    port, dashboard, agent, client = _free_ports(4)
    options = {
        "port": port,
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": agent,
        "ray-client-server-port": client,
        "node-ip-address": "127.0.0.1",
        "dashboard-host": "127.0.0.1",
        "num-cpus": cpus,
        "object-store-memory": 100_000_000,
        "temp-dir": folder,
    }
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}
    usual = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    process = subprocess.Popen(
        [BIN / "ray", "start", "--head", "--block", "--disable-usage-stats"]
        + [f"--{name}={value}" for name, value in options.items()],
        env=usual | token | dict(extra),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield _answering(Head(f"http://127.0.0.1:{dashboard}", token), process)
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _answering(head: Head, process: subprocess.Popen[bytes]) -> Head:
    """The head, once it lists jobs."""
    late = time.monotonic() + _READY_S
    while True:
        assert process.poll() is None, "ray start has ended"
        try:
            head.cluster.jobs()
        except ClusterError:
            assert time.monotonic() < late, "the head does not answer"
            time.sleep(0.2)
        else:
            return head


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a head and all that it started; it would take half a minute to end by itself."""
    root = psutil.Process(process.pid)
    while started := root.children(recursive=True):
        for each in started:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(started, timeout=10)
    process.kill()
    process.wait(timeout=10)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
