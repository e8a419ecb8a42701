"""The command line as a user has it: processes of its own, a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

from tests.serving.jobs.head import BIN, Head, ray_head

# A shell without job control starts its jobs with Ctrl-C ignored, and the tests may be one.
SCRIPT = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from search.cli import main; main()"
)

Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def head(home: Path) -> Iterator[Head]:
    path = f"{BIN}:{os.environ['PATH']}"
    with ray_head({"SECATEUR_HOME": str(home), "PATH": path}) as head:
        yield head


@pytest.fixture(scope="module")
def secateur(home: Path) -> Iterator[Command]:
    """Starts ``secateur`` with arguments; what still runs in the end is ended."""
    with commands(home) as start:
        yield start


@contextmanager
def commands(home: Path) -> Iterator[Command]:
    """``secateur`` in a home."""
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    ray_folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    environment = os.environ | {"SECATEUR_HOME": str(home), "RAY_TMPDIR": ray_folder}
    environment.pop("MLFLOW_TRACKING_URI", None)
    started: list[subprocess.Popen[str]] = []

    def start(
        *arguments: object, cwd: Path | None = None, tracking: str | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", SCRIPT] + [str(argument) for argument in arguments],
            env=environment | ({"MLFLOW_TRACKING_URI": tracking} if tracking else {}),
            cwd=cwd or home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A terminal's Ctrl-C reaches the whole group; tests send it there too.
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    shutil.rmtree(ray_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job on real digits that does everything, of everything as little as it can."""
    spec = {
        "name": "tiny",
        "data": {"kind": "digits", "limit": 400},
        "search": {
            "trials": 3,
            "epochs": 3,
            "networks": [
                {"kind": "mlp", "depth": 1, "width": 32},
                {"kind": "lenet", "width": 2.0},
                {"kind": "resnet", "depth": 1, "width": 8},
            ],
        },
        "prune": {"targets": [0.3, 0.5], "episodes": 3, "round_to": 2},
        "finetune": {"epochs": 2},
        "publish": {"max_accuracy_drop": 1.0, "min_flops_cut": 0.3},
        "show": 2,
    }
    path = tmp_path_factory.mktemp("spec") / "tiny.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


@dataclass(frozen=True)
class Finished:
    """What two runs of one job printed, and how they ended.

    Attributes:
        home: that holds the job.
    """

    home: Path
    first: str
    first_code: int
    second: str
    second_code: int


@pytest.fixture(scope="session")
def finished(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The job ``tiny``, interrupted after its search, and done by a second run."""
    home = tmp_path_factory.mktemp("finished")
    with commands(home) as start:
        process = start("run", tiny)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("search "):
                os.killpg(process.pid, signal.SIGINT)
                break
        rest, _ = process.communicate()
        again = start("run", tiny)
        second, _ = again.communicate()
    return Finished(home, "".join(lines) + rest, process.returncode, second, again.returncode)


@pytest.fixture(scope="session")
def runs(finished: Finished) -> list[Run]:
    """All runs of ``tiny``."""
    client = MlflowClient(f"sqlite:///{finished.home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny")
    return list(client.search_runs([experiment.experiment_id]))
