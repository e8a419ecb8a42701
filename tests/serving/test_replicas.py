"""Replicas that die, come and go, with real clients meanwhile."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from ray import serve

from serving import server
from serving.application import APPLICATION, DEPLOYMENT
from serving.limits import Limits
from serving.source import FolderSource
from serving.spec import FREE_PORT, Autoscale, ServeSpec

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("ray_session"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

CLIENTS = 8
DEADLINE_S = 30.0
INFER = "/v2/models/brightness/infer"
TENSOR = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}
BODY = json.dumps({"inputs": [TENSOR]}).encode()
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
LIMITS = Limits(body_seconds=60, answer_seconds=5)


def statuses(url: str, enough: Callable[[list[int]], bool]) -> list[int]:
    """Statuses of what concurrent clients were answered, until that is enough.

    Every answer comes in time; every error is in our words.
    """
    found: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=DEADLINE_S) as client:
            while not enough(found):
                answer = client.post(INFER, content=BODY)
                if answer.status_code != 200:
                    assert list(answer.json()) == ["error"]
                found.append(answer.status_code)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for future in [pool.submit(ask) for _ in range(CLIENTS)]:
            future.result()
    return found


def running_replicas() -> int:
    deployment = serve.status().applications[APPLICATION].deployments[DEPLOYMENT]
    return deployment.replica_states.get("RUNNING", 0)


def wait_for(number: int) -> None:
    """Return when so many replicas run; Serve tells of it only if asked."""
    end = time.monotonic() + 90
    while running_replicas() != number:
        assert time.monotonic() < end, f"{running_replicas()} replicas run; expected {number}"


def test_a_replica_that_is_killed_loses_no_more_than_it_held(
    saved: Path, family: Callable[[int], dict[int, str]]
) -> None:
    spec = ServeSpec(port=FREE_PORT, replicas=2, limits=LIMITS)
    killed = threading.Event()

    def enough(found: list[int]) -> bool:
        if len(found) > 100 and not killed.is_set():
            killed.set()
            os.kill(first, signal.SIGKILL)
        return len(found) > 1000

    with server.running([FolderSource("brightness", saved, "7")], spec) as url:
        names = family(os.getpid())
        first, _ = (pid for pid, name in names.items() if name.startswith("ray::ServeRepl"))
        found = statuses(url, enough)
        lost = [status for status in found if status != 200]
        assert len(lost) <= CLIENTS
        assert set(lost) <= {500, 502, 503}
        wait_for(2)
        assert set(statuses(url, lambda found: len(found) >= 100)) == {200}


@contextmanager
def held(url: str, number: int) -> Iterator[list[socket.socket]]:
    """Requests whose bodies are still to come."""
    address = urlsplit(url)
    # In chunks, since what declares its size is not passed on before all of it has come.
    head = f"POST {INFER} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with ExitStack() as open_:
        connections = []
        for _ in range(number):
            connection = socket.create_connection((address.hostname, address.port), DEADLINE_S)
            open_.enter_context(connection)
            connection.sendall(head)
            connections.append(connection)
        yield connections


def test_replicas_come_with_requests_and_go_without_losing_any(saved: Path) -> None:
    replicas = Autoscale(least=1, most=2, ongoing=2, grow_seconds=0.5, shrink_seconds=0.5)
    spec = ServeSpec(port=FREE_PORT, replicas=replicas, limits=LIMITS)
    with server.running([FolderSource("brightness", saved, "7")], spec) as url:
        assert running_replicas() == 1
        with held(url, 4) as connections:
            wait_for(2)
            # Of four requests one alone remains, which two replicas are too many for.
            for connection in connections[1:]:
                connection.sendall(CHUNK)
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            one_left = threading.Event()
            with ThreadPoolExecutor(1) as pool:
                calm = pool.submit(trickle, url, one_left)
                wait_for(1)
                one_left.set()
                assert calm.result() == {200}
            connections[0].sendall(CHUNK)
            assert connections[0].recv(65536).startswith(b"HTTP/1.1 200 ")


def trickle(url: str, until: threading.Event) -> set[int]:
    """Statuses of one request after the other."""
    found = set()
    with httpx.Client(base_url=url, timeout=DEADLINE_S) as client:
        while not until.wait(0.05):
            found.add(client.post(INFER, content=BODY).status_code)
    return found
