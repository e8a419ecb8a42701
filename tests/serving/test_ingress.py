"""HAProxy and Serve's own proxy in front of a server: the same to clients, and no more open."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from serving.spec import FREE_PORT
from tests.serving.kinds import Refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy to Linux")

Family = Callable[[int], dict[int, str]]

INFER = "/v2/models/brightness/infer"
ASKED = {
    "inputs": [{"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}]
}
# In chunks, since what declares its size is not passed on before all of it has come.
HEAD = f"POST {INFER} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
BODY = json.dumps(ASKED).encode()
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
LIMITS = {"body_bytes": 20_000, "body_seconds": 20, "answer_seconds": 20, "requests": 4}


@dataclass(frozen=True)
class Served:
    """A server that runs: what takes its connections, its process and its client."""

    kind: str
    process: subprocess.Popen[str]
    client: httpx.Client

    @property
    def port(self) -> int:
        port = self.client.base_url.port
        assert port is not None
        return port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def held(self) -> int:
        """Requests that are being read, waited for or answered."""
        answer = self.client.get("/metrics")
        if answer.is_server_error:  # busy on a machine that is: to be asked again
            return 0
        assert answer.status_code == httpx.codes.OK, answer.text
        lines = answer.text.splitlines()
        (line,) = (line for line in lines if line.startswith("secateur_queue_requests{"))
        return int(float(line.split()[1]))


@pytest.fixture(scope="module", params=["haproxy", pytest.param("serve", marks=pytest.mark.slow)])
def served(
    request: pytest.FixtureRequest, saved: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(request.param)
    config = folder / "server.yaml"
    config.write_text(json.dumps({"port": FREE_PORT, "ingress": request.param, "limits": LIMITS}))
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    ray_folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("served.py"), config, saved, folder / "log"],
        env=os.environ | {"RAY_TMPDIR": ray_folder},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        kind, url = begun(process)
        with httpx.Client(base_url=url, timeout=30) as client:
            yield Served(kind, process, client)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        shutil.rmtree(ray_folder, ignore_errors=True)


def begun(process: subprocess.Popen[str]) -> list[str]:
    """What takes connections, and the address, once the server says so."""
    printed: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(("haproxy http", "serve http")):
            return line.split()
        printed.append(line)
    return pytest.fail("".join(printed))


def test_what_was_asked_for_takes_the_connections(
    served: Served, family: Family, request: pytest.FixtureRequest
) -> None:
    assert served.kind == request.node.callspec.params["served"]
    (holder,) = (name for name, host, port in listening(served, family) if port == served.port)
    assert (holder == "haproxy") == (served.kind == "haproxy")


def test_nothing_of_http_listens_beyond_loopback(served: Served, family: Family) -> None:
    """Ray's own ports, which ask for its token, are its business, but none of them is ours."""
    beyond = {(name, port) for name, host, port in listening(served, family) if host != LOOPBACK}
    assert "haproxy" not in {name for name, _ in beyond}
    for _, port in beyond:
        assert b'"ready":true' not in ask(port, b"GET /v2/health/ready HTTP/1.0\r\n\r\n")


LOOPBACK = "0100007F"  # 127.0.0.1, as the kernel writes it


def listening(served: Served, family: Family) -> list[tuple[str, str, int]]:
    """Name, address and port of whatever listens among the server's processes."""
    while True:
        members = family(served.process.pid)
        found = holding(members)
        # A HAProxy may have handed its sockets to its successor meanwhile.
        if family(served.process.pid) == members:
            return found


def holding(members: dict[int, str]) -> list[tuple[str, str, int]]:
    held = {inode: name for pid, name in members.items() for inode in sockets(pid)}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path("/proc/net", table).read_text().splitlines()[1:]
    ]
    return [
        (held[row[9]], *split_address(row[1])) for row in rows if row[3] == "0A" and row[9] in held
    ]


def split_address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port, 16)


def sockets(pid: int) -> Iterator[str]:
    """Inodes of a process' sockets."""
    with suppress(OSError):
        for file in Path("/proc", str(pid), "fd").iterdir():
            target = str(file.readlink())
            if target.startswith("socket:["):
                yield target[len("socket:[") : -1]


def ask(port: int, request: bytes, patience: float = 1) -> bytes:
    """What a port says to bytes; nothing where it hangs up, or is silent for so many seconds."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
            connection.sendall(request)
            while part := connection.recv(65536):
                answer += part
    except OSError:
        pass
    return answer


def test_requests_are_answered(served: Served) -> None:
    answer = served.client.post(INFER, json=ASKED)
    assert answer.status_code == 200
    assert answer.json()["outputs"][0]["data"] == pytest.approx([0.1192029, 0.8807971])


@pytest.mark.parametrize(
    ("method", "path", "keywords", "status", "words"),
    [
        ("GET", "/nowhere", {}, 404, "Not Found"),
        ("PATCH", INFER, {}, 405, "Method Not Allowed"),
        ("POST", INFER, {"content": b"["}, 400, "Invalid JSON"),
        ("POST", INFER, {"content": b"x" * 5_000_000}, 413, "exceeds 20000 bytes"),
        ("POST", INFER, {"content": b"x", "headers": {"Content-Type": "text/xml"}}, 415, "xml"),
    ],
)
def test_refusals(
    served: Served,
    refused: Refused,
    method: str,
    path: str,
    keywords: dict[str, object],
    status: int,
    words: str,
) -> None:
    answer = served.client.request(method, path, **keywords)
    refused(answer, status, words)
    assert len(answer.headers.get_list("x-request-id")) == 1


def test_ids(served: Served) -> None:
    for path in ("/v2/health/live", "/nowhere"):
        answer = served.client.get(path, headers={"X-Request-ID": "of-this-test"})
        assert answer.headers.get_list("x-request-id") == ["of-this-test"]
        (made,) = served.client.get(path, headers={"X-Request-ID": "<a>"}).headers.get_list(
            "x-request-id"
        )
        assert made != "<a>"


def test_orders_to_serve_are_dropped(served: Served) -> None:
    impatient = {"X-Request-Timeout-Seconds": "0.000001"}
    assert served.client.post(INFER, json=ASKED, headers=impatient).status_code == 200


def test_headers_beyond_reason(served: Served, refused: Refused) -> None:
    answer = served.client.get("/v2", headers={"X-Long": "x" * 20_000})
    if served.kind == "haproxy":
        refused(answer, 431, "the headers are too long")
    else:  # uvicorn takes up to 64 KB
        assert answer.status_code == 200


def test_what_is_no_http_is_refused(served: Served) -> None:
    answer = ask(served.port, b"nonsense\r\n\r\n", patience=30)
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.slow
def test_a_body_that_does_not_come(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(HEAD + CHUNK[:-1])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":"' in answer


def test_too_many_at_a_time(served: Served, refused: Refused) -> None:
    connections = [served.connect() for _ in range(LIMITS["requests"])]
    try:
        for connection in connections:
            connection.sendall(HEAD)
        while served.held() < len(connections):
            pass
        refused(served.client.post(INFER, json=ASKED), 429, "4 requests are waiting")
        for connection in connections:
            connection.sendall(CHUNK)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    finally:
        for connection in connections:
            connection.close()


def test_sigterm_is_obeyed_when_what_was_asked_is_answered(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(HEAD)
        while served.held() < 1:
            pass
        served.process.send_signal(signal.SIGTERM)
        while answered(served):
            pass
        connection.sendall(CHUNK)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert served.process.wait(120) == 0


def answered(served: Served) -> bool:
    """Whether a new connection is still served; it is refused in our words, or altogether."""
    try:
        answer = httpx.post(served.client.base_url.join(INFER), json=ASKED, timeout=30)
    except httpx.TransportError:
        return False
    if answer.status_code == 200:
        return True
    assert (answer.status_code, list(answer.json())) == (503, ["error"])
    return False
