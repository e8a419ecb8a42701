"""A gateway in front of a Ray cluster with a token: over HTTP alone, and killed on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import yaml

from search.ledger import Ledger
from secateur.errors import ClusterError
from secateur.records import Publication
from serving.gateway.client import GatewayCluster
from serving.jobs.records import JobState, Submission
from tests.serving.jobs.head import BIN, Head

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# printf %s one | sha256sum
ONE = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
KEY = {"Authorization": "Bearer one"}
SPEC = """
name: tiny
data: {kind: digits, limit: 400}
search:
  trials: 2
  epochs: 2
  networks: [{kind: mlp, depth: 1, width: 32}]
prune: null
publish: {max_accuracy_drop: 1.0, min_flops_cut: 0.0}
"""
_LATE_S = 120

Start = Callable[[], tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(head: Head, tmp_path: Path) -> Iterator[Start]:
    """Starts ``secateur gateway``, each time on the port that the first one had."""
    config = tmp_path / "gateway.yaml"
    settings = {"teams": {"red": {"keys": {"anna": ONE}}}, "poll_seconds": 0.2, "port": 0}
    ray_folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    mine = {"SECATEUR_HOME": str(tmp_path), "RAY_TMPDIR": ray_folder}
    started: list[subprocess.Popen[str]] = []

    def starting() -> tuple[subprocess.Popen[str], str]:
        config.write_text(yaml.safe_dump(settings))
        process = subprocess.Popen(
            [BIN / "secateur", "gateway", "--config", config, "--address", head.url],
            env=os.environ | head.environment | mine,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("red at http://127.0.0.1:"), line + process.stdout.read()
        url = line.split()[2].rstrip(",")
        settings["port"] = urlsplit(url).port
        return process, url

    yield starting
    for process in started:
        _kill(process)
    shutil.rmtree(ray_folder, ignore_errors=True)


def _kill(process: subprocess.Popen[str]) -> None:
    """End a gateway at once, and the Ray that it started."""
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, timeout=10)
    process.wait(timeout=10)
    assert process.stdout is not None
    process.stdout.close()


def _until(gateway: GatewayCluster, *phases: str) -> JobState:
    late = time.monotonic() + _LATE_S
    while True:
        with suppress(ClusterError):
            state = gateway.find("tiny")
            assert state is not None
            if state.phase in phases:
                return state
            assert not state.over, state
        assert time.monotonic() < late
        time.sleep(0.2)


def test_a_job_outlives_its_gateway(head: Head, home: Path, start: Start) -> None:
    process, url = start()
    gateway = GatewayCluster(url, "one")
    sent = Submission.of(SPEC)
    assert gateway.submit(sent).phase == "queued"
    _until(gateway, "running", "succeeded")
    _kill(process)

    again, same = start()
    assert same == url
    # The same spec from elsewhere, as a client does that did not hear the answer.
    answer = httpx.post(f"{url}/v1/jobs", content=SPEC, headers=KEY, timeout=60)
    assert (answer.status_code, answer.json()["attempt"]) == (200, 1)
    with httpx.stream(
        "GET", f"{url}/v1/jobs/tiny/logs?follow=true", headers=KEY, timeout=120
    ) as log:
        lines = list(log.iter_lines())
    assert "event: succeeded" in lines
    assert any(line.startswith("data: red.tiny version 1 is champion") for line in lines), lines

    done = _until(gateway, "succeeded")
    assert (done.attempt, done.exit_code) == (1, 0)
    assert [(job.name, job.attempt) for job in head.cluster.jobs()] == [("red.tiny", 1)]
    published = Ledger(home / "red.tiny").read("publish", Publication)
    assert published is not None
    assert published.name == "red.tiny"
    assert gateway.usage().cpu_hours.used > 0

    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=60) == 0
