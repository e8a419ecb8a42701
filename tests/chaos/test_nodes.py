"""Worker nodes of a cluster are lost while a job runs on them."""

from __future__ import annotations

import random

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import WORKERS, Cluster
from tests.chaos.running import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_lost(whole: Cluster, stage: str, seed: int) -> None:
    """A worker node is lost: every process on it is killed with -9."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"lost-{stage}-{seed}"))
    job.reaches(stage, jobs.moment(stage, draw))
    whole.kill(draw.choice(WORKERS))
    if draw.random() < 0.5:
        whole.mend()
    job.ends()
    jobs.check(whole.home, job.name, stage)


@pytest.mark.chaos
@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_worker_outlives_its_node(whole: Cluster, stage: str, seed: int) -> None:
    """A worker outlives its node, and works on for half a minute."""
    draw = random.Random(seed)
    job, name = whole.run(jobs.asked(stage, f"outlived-{stage}-{seed}")), draw.choice(WORKERS)
    job.reaches(stage, jobs.moment(stage, draw))
    until(lambda: whole.workers(name), 60, f"work on node {name}")
    whole.kill(name, but=whole.workers(name))
    whole.mend()
    job.ends()
    jobs.check(whole.home, job.name, stage)


@pytest.mark.chaos
@pytest.mark.parametrize("stage", jobs.STAGES)
def test_all_worker_nodes_are_lost(whole: Cluster, stage: str, seed: int) -> None:
    """All worker nodes are lost, and come back once the job has said that it waits."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"none-{stage}-{seed}"))
    job.reaches(stage, jobs.moment(stage, draw))
    for name in WORKERS:
        whole.kill(name)
    waits, goes_on = f"{stage}: waits for 1 CPU, which no node has\n", f"{stage}: goes on\n"
    until(lambda: job.ended or waits in job.said, 300, "a line that says what the job waits for")
    whole.mend()
    job.ends()
    assert job.said.count(waits) == 1
    assert goes_on in job.said.partition(waits)[2]
    jobs.check(whole.home, job.name, stage)
