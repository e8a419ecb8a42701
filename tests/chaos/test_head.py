"""The head of a cluster is lost and started again while a job runs."""

from __future__ import annotations

import random
import time

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import HEAD, Cluster
from tests.chaos.conftest import Moments

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(1800)]

# Nodes and drivers wait a minute for their head.
LONGEST_AWAY_S = 20.0


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_the_head_is_restarted(whole: Cluster, moments: Moments, stage: str, seed: int) -> None:
    """The head is killed with -9 and started again; the job's driver is on another node."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"head-{stage}-{seed}"), node=1)
    for _ in moments(whole, job, stage, draw):
        whole.kill(HEAD)
        time.sleep(draw.uniform(0, LONGEST_AWAY_S))
        whole.mend()
    job.ends()
    assert "tried again" not in job.said
    jobs.check(whole.home, job, stage)


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_the_driver_is_lost_with_its_head(
    whole: Cluster, moments: Moments, stage: str, seed: int
) -> None:
    """The head and the driver on it are killed with -9; the job goes on by `run` again."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"both-{stage}-{seed}"))
    for _ in moments(whole, job, stage, draw):
        whole.kill(HEAD)
        job.kill()
        whole.mend()
        job.begin()
    job.ends()
    jobs.check(whole.home, job, stage)
