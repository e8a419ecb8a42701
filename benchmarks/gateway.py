"""How soon a gateway answers 200 jobs that are submitted at once, and how long they queue.

    python -m benchmarks.gateway

The gateway runs as ``secateur gateway`` does, in Ray Serve, in front of a stand-in of Ray's Jobs
API in this process whose jobs end at once.  Eight clients submit 25 jobs each; timed are every
answer at its client, and the time until the last job has ended.  A round begins with an empty
journal.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.hardware import facts
from benchmarks.page import RESULTS, write
from search.local_ray import local_ray
from serving.gateway.client import GatewayCluster
from serving.gateway.server import running
from serving.gateway.spec import GatewaySpec
from serving.ingress import prepared
from serving.jobs.records import Submission
from tests.serving.jobs.stub_head import StubHead, stub_head

CLIENTS, EACH = 8, 25
KEY = "a key"
_LOOK_S = 0.05


def measure() -> dict[str, Any]:
    """One round: seconds of every answer, and until all jobs had ended."""
    with tempfile.TemporaryDirectory() as folder, stub_head() as head:
        head.plays = lambda job: head.end(job, 0)
        spec = _spec(Path(folder), head)
        log = Path(folder) / "ray.log"
        with prepared(spec.front()), local_ray(log), redirect_stdout(None), running(spec) as url:
            return _load(url, head)


def _spec(folder: Path, head: StubHead) -> GatewaySpec:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    team = {"keys": {"all": digest}, "jobs_at_once": 40, "waiting": CLIENTS * EACH}
    return GatewaySpec.model_validate(
        {
            "teams": {"team": team},
            "address": head.url,
            "port": 0,
            "jobs_at_once": 40,
            "folder": folder,
            "access_log": folder / "access.log",
            "log": folder / "gateway.log",
        }
    )


def _load(url: str, head: StubHead) -> dict[str, Any]:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [seconds for each in pool.map(lambda n: _client(url, n), range(CLIENTS))
                   for seconds in each]  # fmt: skip
    submitted = time.perf_counter() - began
    gateway = GatewayCluster(url, KEY)
    while any(not state.over for state in gateway.jobs()):
        time.sleep(_LOOK_S)
    states = [state.phase for state in gateway.jobs()]
    assert states == ["succeeded"] * CLIENTS * EACH, "jobs were lost"
    assert len(head.jobs) == CLIENTS * EACH, "jobs were doubled"
    return {"answers": answers, "submitted": submitted, "ended": time.perf_counter() - began}


def _client(url: str, number: int) -> list[float]:
    """Submits its share, one after another; seconds of each answer."""
    gateway, found = GatewayCluster(url, KEY), []
    for job in range(EACH):
        sent = Submission.of(f"name: job-{number}-{job}\ndata: {{kind: digits}}\n")
        began = time.perf_counter()
        gateway.submit(sent)
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="200 jobs submitted to a gateway at once.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS / "gateway")
    arguments = parser.parse_args()
    hardware = facts()
    rounds = []
    for _ in range(arguments.rounds):
        rounds.append(measure())
        slowest = max(rounds[-1]["answers"])
        median = statistics.median(rounds[-1]["answers"])
        print(f"answers: median {median * 1000:.0f} ms, slowest {slowest * 1000:.0f} ms")
    settings = {"clients": CLIENTS, "jobs": CLIENTS * EACH}
    write(
        arguments.results / "submissions.json",
        {"settings": settings, "hardware": hardware, "rounds": rounds},
    )


if __name__ == "__main__":
    main()
