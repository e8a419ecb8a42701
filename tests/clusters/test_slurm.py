"""The script for Slurm, under a Slurm of two shell scripts: nodes at 127.0.0.2 and 127.0.0.3."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from search.exit_codes import INTERRUPTED
from tests.clusters.tools import CLUSTERS

SCRIPT = CLUSTERS / "slurm" / "job.sbatch"
TRIALS = 4

# Runs a task here, with the address of the node that it was meant for.
SRUN = """#!/bin/bash
while [[ $1 == --* ]]; do
    case $1 in --nodelist=*) node=${1#--nodelist=} ;; esac
    shift
done
export FAKE_ADDRESS=127.0.0.$((1 + ${node#node}))
exec "$@"
"""
HOSTNAME = """#!/bin/sh
echo "$FAKE_ADDRESS 10.0.0.1"
"""
SCONTROL = """#!/bin/sh
case $1 in
show) printf 'node1\\nnode2\\n' ;;
*) echo "$*" >>"$FAKE_SAID" ;;
esac
"""
# A driver beside two nodes on one machine has to be told which one is its own.
DRIVER = """#!{python}
import ray
from functools import partial
ray.init = partial(ray.init, _node_ip_address="127.0.0.2")
"""
SECATEUR = "from search.cli import main\nmain()\n"
PYTHON = "import sys\nprogram = sys.argv.pop(2)\ndel sys.argv[1]\nexec(program)\n"

JOB = {
    "name": "tiny",
    "data": {"kind": "digits", "limit": 300},
    "search": {
        "trials": TRIALS,
        "epochs": 20,
        "parallel": 2,
        "scheduler": "none",
        "networks": [{"kind": "mlp", "depth": 1, "width": 16}],
        "recipe": {"learning_rate": {"low": 0.001, "high": 0.1, "log": True}},
    },
    "prune": None,
    "publish": {"min_accuracy": 0.1},
}


@pytest.fixture
def allocation(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an allocation of two nodes with a CPU each."""
    programs = tmp_path / "bin"
    programs.mkdir()
    driver = DRIVER.format(python=sys.executable)
    for name, text in {
        "srun": SRUN, "hostname": HOSTNAME, "scontrol": SCONTROL,
        "secateur": driver + SECATEUR, "python": driver + PYTHON,
    }.items():  # fmt: skip
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    # Sockets of Ray lie below this folder, and their paths may have some 100 characters.
    temporary = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    environment = os.environ | {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SECATEUR_HOME": str(tmp_path / "home"),
        "SECATEUR_RAY_TMP": temporary,
        "SLURM_JOB_ID": str(random.SystemRandom().randint(1, 10**6)),
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SLURM_CPUS_PER_TASK": "1",
        "FAKE_SAID": str(tmp_path / "scontrol.txt"),
        "PYTHONUNBUFFERED": "1",
    }
    for taken in ("MLFLOW_TRACKING_URI", "RAY_ADDRESS"):
        environment.pop(taken, None)
    yield environment
    shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def played(spec: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The script as Slurm starts it; nothing of it is left."""
    with subprocess.Popen(
        [SCRIPT, spec], env=environment, cwd=spec.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as script:  # fmt: skip
        try:
            yield script
        finally:
            with suppress(ProcessLookupError):
                os.killpg(script.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_job_goes_on_after_slurm_has_taken_its_nodes_back(
    allocation: dict[str, str], tmp_path: Path
) -> None:
    """SIGTERM in the middle of the search: saved, queued again, and finished by the next start."""
    spec, requeued = tmp_path / "job.yaml", tmp_path / "scontrol.txt"
    spec.write_text(yaml.safe_dump(JOB))
    said = []
    with played(spec, allocation) as script:
        for line in script.stdout or ():
            said.append(line)
            if "trials" in line:
                script.send_signal(signal.SIGTERM)
        assert script.wait(60) == INTERRUPTED, "".join(said)
    assert "2 nodes, 2 CPUs" in "".join(said)
    assert requeued.read_text() == f"requeue {allocation['SLURM_JOB_ID']}\n"
    assert not (tmp_path / "home" / "tiny" / "search.json").exists()

    with played(spec, allocation) as script:
        output, _ = script.communicate(timeout=200)
    assert script.returncode == 0, output
    assert "tiny version 1 is champion" in output
    search = json.loads((tmp_path / "home" / "tiny" / "search.json").read_text())
    assert len(search["trials"]) == TRIALS
    assert requeued.read_text().count("requeue") == 1
    assert not list((tmp_path / "home" / ".slurm").rglob("token"))


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        ("SECATEUR_HOME", "SECATEUR_HOME: is not set; expected a folder that all nodes share"),
        ("SLURM_JOB_ID", "SLURM_JOB_ID: is not set; expected to be started by sbatch"),
    ],
)
def test_the_script_says_what_it_lacks(taken: str, told: str, tmp_path: Path) -> None:
    given = {"SECATEUR_HOME": str(tmp_path), "SLURM_JOB_ID": "1", "PATH": os.environ["PATH"]}
    del given[taken]
    done = subprocess.run(
        [SCRIPT, "job.yaml"], env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert told in done.stderr


def test_a_head_that_does_not_start_is_told(tmp_path: Path) -> None:
    """A Slurm whose tasks but the first end at once: the script ends, and says where to look."""
    programs = tmp_path / "bin"
    programs.mkdir()
    srun = 'case "$*" in *hostname*) echo 127.0.0.9 ;; *) exit 1 ;; esac'
    for name, text in {"srun": srun, "scontrol": "echo node1", "ray": "exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    given = {
        "SECATEUR_HOME": str(tmp_path), "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "node1",
        "PATH": f"{programs}:{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(
        [SCRIPT, "job.yaml"], env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "job.sbatch: Ray did not start on node1; see " in done.stderr
    assert not (tmp_path / ".slurm" / "7" / "token").exists()


def test_what_slurm_is_asked_for_lets_a_job_go_on() -> None:
    """It tells the script alone (B), in time, and may start it again."""
    asked = re.findall(r"^#SBATCH (\S+)", SCRIPT.read_text(), re.MULTILINE)
    assert {"--requeue", "--open-mode=append", "--signal=B:TERM@180"} <= set(asked)
