"""A cluster of real processes on this machine, as clusters/laptop starts it, and jobs on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from tests.chaos.faults import FAULTY
from tests.chaos.running import Job, until

SCRIPTS = Path(__file__).parents[2] / "clusters" / "laptop"
WORKERS = (1, 2)
HEAD = "head"

# A node is given up after some 5 seconds without an answer instead of Ray's 15 or more; its
# workers look only every 30 seconds, instead of every 5, whether it is still there.
_QUICK = {
    "RAY_raylet_liveness_self_check_interval_ms": "30000",
    # Ray puts its workers behind all else on the machine, other tests included.
    "RAY_worker_niceness": "0",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "5000",
    "RAY_health_check_failure_threshold": "5",
}
# Names of processes of a node that do nothing for a job.
_IDLE = ("ray::IDLE", "ray::DashboardAgent", "ray::RuntimeEnvAgent")
# What Ray start prints once the node is one of the cluster's.
_READY = "will now block forever"

# Joins the Ray of one node of several on this machine, the way a driver on that node would.
_DRIVER = """
import os, ray
from functools import partial
if address := os.environ.get("CHAOS_DRIVER_NODE"):
    ray.init = partial(ray.init, _node_ip_address=address)
from search.cli import main
main()
"""


@dataclass(frozen=True)
class Host:
    """Where a node runs, and how to start a process there.

    Attributes:
        address: of its node.
        enter: put before a command, runs it there.
    """

    address: str
    enter: tuple[str, ...] = ()


class Cluster:
    """A head that runs no trials and two workers of one CPU each; jobs share a home.

    Args:
        folder: of everything; its path is short.
        hosts: of the nodes, by their names.
        slow: seconds that every epoch and every evaluation takes longer there.

    Attributes:
        home: where its jobs are.
    """

    def __init__(self, folder: Path, hosts: Mapping[str | int, Host], slow: float = 0.0) -> None:
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir()
        self._hosts, self._nodes = hosts, dict[str | int, subprocess.Popen[bytes]]()
        self._jobs: list[Job] = []
        head = hosts[HEAD].address
        network, self._port = head.rpartition(".")[0], _free_port()
        self._environment = {
            **os.environ,
            **_QUICK,
            "PYTHONPATH": str(FAULTY),
            "CHAOS_SLOW": str(slow),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SECATEUR_HOME": str(self.home),
            "SECATEUR_CLUSTER_NETWORK": network,
            "SECATEUR_CLUSTER_PORT": str(self._port),
        }
        self._environment.pop("MLFLOW_TRACKING_URI", None)
        subprocess.run([SCRIPTS / "client.sh", folder], env=self._environment, check=True)

    def start(self, *names: str | int) -> None:
        """Start nodes, and wait until they are of the cluster."""
        for name in names:
            self._spawn(name)
        for name in names:
            until(partial(self._is_up, name), 240, f"node {name}")

    def heal(self) -> None:
        """Start the nodes again that are gone, and end jobs that a test has left behind."""
        for job in self._jobs:
            job.kill()
        self._jobs.clear()
        self.mend()

    def mend(self) -> None:
        """Start the nodes again that are gone."""
        self.start(*(name for name, node in self._nodes.items() if node.poll() is not None))

    def run(self, spec: Mapping[str, Any], node: str | int = HEAD, **options: str) -> Job:
        """Begin a job, from a node."""
        host = self._hosts[node]
        environment = self._environment | {
            "RAY_ADDRESS": f"{self._hosts[HEAD].address}:{self._port}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(self.folder / "token"),
            "CHAOS_DRIVER_NODE": host.address,
            **options,
        }

        def start(path: Path, log: Any) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*host.enter, sys.executable, "-u", "-c", _DRIVER, "run", str(path)],
                env=environment, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

        self._jobs.append(Job(self.home, spec, start))
        return self._jobs[-1]

    def kill(self, name: str | int, but: Sequence[psutil.Process] = ()) -> None:
        """End a node and all processes on it with -9, at once, but for some."""
        node = self._nodes[name]
        tree = psutil.Process(node.pid).children(recursive=True)
        # Ray's own first: none is left that could start a worker again.
        for process in [psutil.Process(node.pid), *tree]:
            if process not in but:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        node.wait()

    def workers(self, name: str | int) -> list[psutil.Process]:
        """The processes of a node that work for a job."""
        busy = []
        for process in psutil.Process(self._nodes[name].pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith("ray::") and not process.name().startswith(_IDLE):
                    busy.append(process)
        return busy

    def close(self) -> None:
        """End all of its processes."""
        _sweep(self.folder)
        for process in (*self._nodes.values(), *(job.driver for job in self._jobs)):
            process.wait()

    def _spawn(self, name: str | int) -> None:
        room = ("--num-cpus", "0", "--include-dashboard", "false")
        with self._log(name).open("wb") as output:
            self._nodes[name] = subprocess.Popen(
                [*self._hosts[name].enter, SCRIPTS / "node.sh", self.folder, str(name),
                 *(room if name == HEAD else ("--num-cpus", "1"))],
                env=self._environment, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def _is_up(self, name: str | int) -> bool:
        # Ray gives a node half a minute to start, which a busy machine may need more of.
        if self._nodes[name].poll() is not None:
            self._spawn(name)
        return _READY in self._log(name).read_text()

    def _log(self, name: str | int) -> Path:
        return self.folder / f"{name}.log"


@contextmanager
def cluster(hosts: Mapping[str | int, Host] | None = None, slow: float = 0.0) -> Iterator[Cluster]:
    """A cluster whose head and workers are up."""
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    made = Cluster(folder, hosts or _loopback(), slow)
    try:
        made.start(HEAD)
        made.start(*WORKERS)
        yield made
    finally:
        made.close()
        if "SECATEUR_CHAOS_KEEP" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


def _loopback() -> dict[str | int, Host]:
    """Nodes on addresses of this machine's loopback network."""
    return {HEAD: Host("127.0.0.1"), **{name: Host(f"127.0.0.{name + 1}") for name in WORKERS}}


def _sweep(folder: Path) -> None:
    """End every process that has to do with a folder."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            home = process.environ().get("SECATEUR_HOME", "")
            if str(folder) in " ".join(process.cmdline()) or home.startswith(f"{folder}/"):
                process.kill()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
