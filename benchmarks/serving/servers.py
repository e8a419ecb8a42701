"""Every server of the comparison: how it is started, asked and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.serving import bodies
from benchmarks.serving.bodies import Array, Protocol

_RIVALS = Path(__file__).with_name("rivals")
_START_S = 90
_STOP_S = 30
CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Server:
    """A server of one network.

    Attributes:
        name: for results.
        command: starts it; ``{port}`` and ``{spare}``, a second free port, are filled in,
            in ``environment`` too.
        protocol: how to ask it.
        environment: beyond this process'.
        directory: to start it in.
    """

    name: str
    command: tuple[str, ...]
    protocol: Protocol
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = field(default_factory=Path.cwd)


def ours(folder: Path, *, precision: str = "float32", replicas: int = 1) -> Server:
    """Sécateur with its defaults; ``replicas`` server processes."""
    options = ("--precision", precision, "--replicas", str(replicas))
    command = (sys.executable, "-m", "benchmarks.serving.ours", str(folder), "{port}", *options)
    return Server(_counted("secateur", replicas), command, bodies.V2)


def fastapi(folder: Path, *, workers: int = 1) -> Server:
    """FastAPI with eager torch; the workers share the cores."""
    script = str(_RIVALS / "fastapi_torch.py")
    command = (sys.executable, script, str(folder), "{port}", str(workers))
    # Threads that spin while they wait would slow it down wherever anything else runs.
    environment = {"OMP_WAIT_POLICY": "passive"}
    return Server(_counted("fastapi-torch", workers), command, bodies.RAW, environment)


def bentoml(graph: Path, *, workers: int = 1) -> Server:
    """BentoML with an ONNX file; the workers share the cores."""
    program = str(Path(sys.prefix) / "bench-bentoml" / "bin" / "bentoml")
    command = (program, "serve", "service:Classifier", "--host", "127.0.0.1", "--port", "{port}")
    environment = _graph(graph, workers) | {"BENTOML_DO_NOT_TRACK": "1"}
    name = _counted("bentoml", workers)
    return Server(name, command, bodies.BENTO, environment, _RIVALS / "bentoml")


def mlserver(graph: Path, *, workers: int = 0) -> Server:
    """MLServer with an ONNX file, run in its own process where there are no workers."""
    command = (str(Path(sys.prefix) / "bench-mlserver" / "bin" / "mlserver"), "start", ".")
    environment = _graph(graph, workers) | {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": "{port}",
        "MLSERVER_GRPC_PORT": "{spare}",
        "MLSERVER_PARALLEL_WORKERS": str(workers),
    }
    name = _counted("mlserver", workers)
    return Server(name, command, bodies.V2_TEXT, environment, _RIVALS / "mlserver")


def _counted(name: str, processes: int) -> str:
    return name if processes <= 1 else f"{name} x{processes}"


def _graph(graph: Path, workers: int) -> dict[str, str]:
    return {
        "BENCH_GRAPH": str(graph.absolute()),
        "BENCH_THREADS": str(max(1, CORES // max(1, workers))),
        "BENCH_WORKERS": str(workers),
    }


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        server: which.
        port: that it listens on, on loopback.
        pid: of its first process.
    """

    server: Server
    port: int
    pid: int

    @property
    def url(self) -> str:
        """To post to."""
        return f"http://127.0.0.1:{self.port}{self.server.protocol.path}"

    def ask(self, images: Array, timeout: float = 30.0) -> Array:
        """The probabilities of ``images``, by rows.

        Raises:
            OSError: no connection, or none in time.
            HTTPException: no answer, or one with another status than 200.
        """
        headers, body = self.server.protocol.encode(images)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("POST", self.server.protocol.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise HTTPException(f"{answer.status}: {content[:200]!r}")
        finally:
            connection.close()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return self.server.protocol.decode(named, content).reshape(len(images), -1)


@contextmanager
def started(server: Server, folder: Path, image: Array) -> Iterator[Running]:
    """Start a server, wait until it answers ``image``, and stop it in the end.

    Args:
        server: what to start.
        folder: takes its log.
        image: as ``Running.ask`` takes it.

    Raises:
        RuntimeError: it ends, or does not answer in time; names its log.
    """
    log = folder / f"{server.name.replace(' ', '-')}.log"
    port, spare = _free_port(), _free_port()
    places = {"port": port, "spare": spare}
    environment = {name: value.format(**places) for name, value in server.environment.items()}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [part.format(**places) for part in server.command],
            cwd=server.directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        running = Running(server, port, process.pid)
        _wait(running, process, log, image)
        yield running
    finally:
        _stop(process)


def _wait(running: Running, process: subprocess.Popen[bytes], log: Path, image: Array) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            running.ask(image)
        except (OSError, HTTPException) as error:
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                how = "ended" if ended else f"does not answer: {error}"
                raise RuntimeError(f"{running.server.name} {how}; see {log.name}") from error
            time.sleep(0.1)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
