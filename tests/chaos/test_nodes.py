"""Worker nodes of a cluster are lost while a job runs on them, and come back."""

from __future__ import annotations

import random
import time

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import WORKERS, Cluster
from tests.chaos.conftest import Moments
from tests.chaos.rounds import STRIKES
from tests.chaos.running import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

LONGEST_AWAY_S = 10.0


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_lost(whole: Cluster, moments: Moments, stage: str, seed: int) -> None:
    """A worker node is lost: every process on it is killed with -9."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"lost-{stage}-{seed}"))
    for _ in moments(whole, job, stage, draw):
        whole.kill(draw.choice(WORKERS))
        time.sleep(draw.uniform(0, LONGEST_AWAY_S))
    jobs.ends(whole, job)
    jobs.check(whole.home, job, stage)


@pytest.mark.chaos
@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_worker_outlives_its_node(
    whole: Cluster, moments: Moments, stage: str, seed: int
) -> None:
    """A worker outlives its node, and works on for half a minute."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"outlived-{stage}-{seed}"))
    for _ in moments(whole, job, stage, draw):
        name = draw.choice(WORKERS)
        until(lambda name=name: whole.workers(name), 60, f"work on node {name}")
        whole.kill(name, but=whole.workers(name))
    jobs.ends(whole, job)
    jobs.check(whole.home, job, stage)


@pytest.mark.chaos
@pytest.mark.parametrize("stage", jobs.STAGES)
def test_all_worker_nodes_are_lost(whole: Cluster, moments: Moments, stage: str, seed: int) -> None:
    """All worker nodes are lost, and come back once the job has said that it waits."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"none-{stage}-{seed}"))
    waits, goes_on = f"{stage}: waits for 1 CPU, which no node has\n", f"{stage}: goes on\n"
    for _ in moments(whole, job, stage, draw):
        until(
            lambda: job.ended or job.said_last.count(waits) == job.said_last.count(goes_on),
            300,
            "a line that says that the job goes on",
        )
        told = job.said.count(waits)
        for name in WORKERS:
            whole.kill(name)
        until(
            lambda told=told: job.ended or job.said.count(waits) > told,
            300,
            "a line that says what the job waits for",
        )
    jobs.ends(whole, job)
    # A job that stops because it lost an agent too often waits no more.
    assert job.said_last.count(goes_on) == job.said_last.count(waits) <= STRIKES
    jobs.check(whole.home, job, stage)
