"""A worker node is cut off from all others, in network namespaces on this machine."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import WORKERS, Cluster, cluster
from tests.chaos.network import Network, network

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(1200)]

AWAY_S = 30.0
# Until Ray gives up the connections to a node that does not answer.
LONGEST_NOTICED_S = 600.0


@pytest.fixture(scope="module")
def wires() -> Iterator[Network]:
    with network() as made:
        yield made


@pytest.fixture(scope="module")
def nodes(wires: Network) -> Iterator[Cluster]:
    with cluster(wires.hosts) as made:
        yield made


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_cut_off_for_a_while(
    whole: Cluster, wires: Network, stage: str, seed: int
) -> None:
    """The network between a worker node and all others is gone for 30 s."""
    draw = random.Random(seed)
    job, name = whole.run(jobs.asked(stage, f"away-{stage}-{seed}")), draw.choice(WORKERS)
    job.reaches(stage, jobs.moment(stage, draw))
    wires.cut(name)
    time.sleep(AWAY_S)
    wires.mend(name)
    job.ends()
    jobs.check(whole.home, job.name, stage)
    whole.kill(name)


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_cut_off_for_good(whole: Cluster, wires: Network, stage: str, seed: int) -> None:
    """The network between a worker node and all others does not come back."""
    draw = random.Random(seed)
    job, name = whole.run(jobs.asked(stage, f"cut-{stage}-{seed}")), draw.choice(WORKERS)
    job.reaches(stage, jobs.moment(stage, draw))
    wires.cut(name)
    try:
        job.ends(within=LONGEST_NOTICED_S)
    finally:
        whole.kill(name)
        wires.mend(name)
    jobs.check(whole.home, job.name, stage)
