"""A worker node is cut off from all others, in network namespaces on this machine."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from tests.chaos import jobs
from tests.chaos.cluster import WORKERS, Cluster, cluster
from tests.chaos.conftest import SLOW_S, Moments
from tests.chaos.network import Network, network
from tests.chaos.running import until

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(2400)]

AWAY_S = 30.0
# Until Ray gives up the connections to a node that does not answer.
LONGEST_NOTICED_S = 600.0


@pytest.fixture(scope="module")
def wires() -> Iterator[Network]:
    with network() as made:
        yield made


@pytest.fixture(scope="module")
def nodes(wires: Network) -> Iterator[Cluster]:
    with cluster(wires.hosts, slow=SLOW_S) as made:
        yield made


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_cut_off_for_a_while(
    whole: Cluster, moments: Moments, wires: Network, stage: str, seed: int
) -> None:
    """The network between a worker node and all others is gone for 30 s."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"away-{stage}-{seed}"))
    for _ in moments(whole, job, stage, draw):
        name = draw.choice(WORKERS)
        wires.cut(name)
        time.sleep(AWAY_S)
        wires.mend(name)
    jobs.ends(whole, job)
    jobs.check(whole.home, job, stage)


@pytest.mark.parametrize("stage", jobs.STAGES)
def test_a_node_is_cut_off_for_good(
    whole: Cluster, moments: Moments, wires: Network, stage: str, seed: int
) -> None:
    """The network between a worker node and all others does not come back."""
    draw = random.Random(seed)
    job = whole.run(jobs.asked(stage, f"cut-{stage}-{seed}"))
    for _ in moments(whole, job, stage, draw):
        name = draw.choice(WORKERS)
        until(lambda name=name: whole.workers(name), 60, f"work on node {name}")
        before = job.attempts
        wires.cut(name)
        try:
            until(
                lambda before=before: job.ended or job.tried_again(before),
                LONGEST_NOTICED_S,
                f"a second attempt at what ran on node {name}",
            )
        finally:
            whole.kill(name)
            wires.mend(name)
    jobs.ends(whole, job)
    jobs.check(whole.home, job, stage)
