"""The command line as a user has it: processes of its own, a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

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
def secateur(home: Path) -> Iterator[Command]:
    """Starts ``secateur`` with arguments; what still runs in the end is ended."""
    # Ray's sockets live below this folder, and their paths may have some 100 characters.
    ray_folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    environment = os.environ | {"SECATEUR_HOME": str(home), "RAY_TMPDIR": ray_folder}
    environment.pop("MLFLOW_TRACKING_URI", None)
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, cwd: Path | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", SCRIPT] + [str(argument) for argument in arguments],
            env=environment,
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


@pytest.fixture(scope="module")
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
