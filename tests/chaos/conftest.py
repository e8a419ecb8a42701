"""Jobs whose driver kills itself with SIGKILL at a moment that the test draws."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import Cluster, cluster
from tests.chaos.rounds import pytest_generate_tests, pytest_runtest_makereport
from tests.chaos.running import Job

__all__ = ["pytest_generate_tests", "pytest_runtest_makereport"]

# Counts the operations that the driver records about one stage, and some time after the last
# of them lets no handler, no exit hook and no buffer have a say.
SCRIPT = """
import os, signal, sys, threading
from secateur.tracking.journal import Journal

stage, left, delay = sys.argv.pop(1), int(sys.argv.pop(1)), float(sys.argv.pop(1))
append = Journal.append

def counted(self, operation):
    global left
    append(self, operation)
    left -= operation.run.startswith(stage)
    if left == 0:
        left = -1
        threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()

if left:
    Journal.append = counted
from search.cli import main
main()
"""

SLOW_S = 2.5
"""What a step of a job on the cluster takes at least: nodes come back while it is at work."""

Run = Callable[..., tuple[int, str]]
Moments = Callable[[Cluster, Job, str, random.Random], Iterator[None]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Iterator[Run]:
    """Runs a job; where it is told to dies ``delay`` seconds after its n-th step of a stage.

    Anything else that it is given goes into the environment of the job's processes.
    """
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    ray_folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    environment = os.environ | {"SECATEUR_HOME": str(home), "RAY_TMPDIR": ray_folder}
    environment.pop("MLFLOW_TRACKING_URI", None)

    def run(
        spec: Path, stage: str = "", after: int = 0, delay: float = 0.0, **more: str
    ) -> tuple[int, str]:
        arguments = [stage, str(after), str(delay), "run", str(spec)]
        ended = subprocess.run(
            [sys.executable, "-u", "-c", SCRIPT, *arguments],
            env=environment | more, cwd=tmp_path, start_new_session=True, timeout=1500, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return ended.returncode, ended.stdout

    yield run
    listed = subprocess.run(
        ["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        process, _, command = line.strip().partition(" ")
        if ray_folder in command:
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
    shutil.rmtree(ray_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def nodes() -> Iterator[Cluster]:
    """A cluster on the loopback; tests take from it what they like, see ``whole``."""
    with cluster(slow=SLOW_S) as made:
        yield made


@pytest.fixture
def moments(record_property: Callable[[str, object], None]) -> Moments:
    """``jobs.moments``, which are counted."""

    def moments(cluster: Cluster, job: Job, stage: str, draw: random.Random) -> Iterator[None]:
        struck = 0
        for _ in jobs.moments(cluster, job, stage, draw):
            yield
            struck += 1
        assert struck
        record_property("strikes", struck)

    return moments


@pytest.fixture
def whole(nodes: Cluster) -> Cluster:
    """A cluster of which all nodes are up."""
    nodes.heal()
    return nodes
