"""Many clients at once, over a socket, with the dispatcher at work."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from serving.gateway.client import GatewayCluster
from serving.jobs.records import JobState, Submission
from tests.serving.gateway.conftest import Settings, World, job
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Listen

CLIENTS, EACH = 8, 25


class Hasty(FakeCluster):
    """Its jobs have ended when they are asked after."""

    def jobs(self) -> tuple[JobState, ...]:
        for state in super().jobs():
            if not state.over:
                self.finish(state.name, 0)
        return super().jobs()


def test_200_jobs_at_once_are_all_played_once(
    settings: Settings,
    listen: Listen,
) -> None:
    """Each client submits 25 jobs, and five of them again, while the dispatcher places them."""
    spec = settings({"waiting": 1000, "jobs_at_once": 40}, jobs_at_once=40, poll_seconds=0.1)
    world = World(spec, Hasty())

    def submit(client: int) -> list[JobState]:
        gateway = GatewayCluster(url, ("one", "two")[client % 2])
        sent = [Submission.of(job(f"job-{client}-{number}")) for number in range(EACH)]
        return [gateway.submit(each) for each in [*sent, *sent[::5]]]

    world.dispatcher.start()
    with listen(world.app) as address, ThreadPoolExecutor(CLIENTS) as pool:
        url = f"http://{address}"
        answers = [state for states in pool.map(submit, range(CLIENTS)) for state in states]
        while set(world.phases().values()) != {"succeeded"}:
            time.sleep(0.01)
    world.dispatcher.stop()
    wanted = {f"job-{client}-{number}" for client in range(CLIENTS) for number in range(EACH)}
    assert {state.name for state in answers} == wanted
    played = Counter(each.name for each in world.cluster.submissions)
    assert played == {f"red.{name}": 1 for name in wanted}
    world.close()
