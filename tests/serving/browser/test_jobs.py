"""A gateway's page in a real browser: ``make test-browser``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from serving.gateway.spec import GatewaySpec
from tests.serving.gateway.conftest import ONE, World, job
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Listen

DRIVE = Path(__file__).with_name("drive_jobs.py")

pytestmark = pytest.mark.slow

Found = dict[str, object]


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory,
    listen: Listen,
    drive: Callable[..., Found],
) -> Found:
    """What ``drive_jobs.py`` saw of a job that runs, one that failed and one that waits."""
    team = {"keys": {"anna": ONE}, "jobs_at_once": 2, "cpu_hours": 500}
    spec = GatewaySpec.model_validate(
        {"teams": {"red": team}, "poll_seconds": 0.1, "folder": tmp_path_factory.mktemp("gateway")}
    )
    world = World(spec, FakeCluster())
    anna = world.member("one")
    for name in ("fails", "runs", "long"):
        world.desk.submit(anna, job(name))
    world.turn()
    world.cluster.finish("red.fails", 1, "secateur: error: data: no room")
    world.cluster.begin("red.runs")
    world.cluster.print("red.runs", "epoch 2", "epoch 3")
    world.turn()
    world.cluster.begin("red.long")
    world.desk.submit(anna, job("waits"))
    world.dispatcher.start()
    with listen(world.app) as address:
        seen = drive(DRIVE, f"http://{address}/", "one")
    world.dispatcher.stop()
    world.close()
    return seen


def test_a_key_is_asked_for(found: Found) -> None:
    assert "an API key is needed" in str(found["asked"])
    assert found["models"] is False


def test_jobs(found: Found) -> None:
    assert found["rows"] == [
        ["waits", "queued", "place 1 in the queue", "Stop"],
        ["long", "running", "", "Stop"],
        ["runs", "running", "epoch 3", "Stop"],
        ["fails", "failed", "data: no room", "Resume"],
    ]
    assert str(found["usage"]).startswith("red: 2 of 2 jobs run, 1 wait; ")


def test_buttons(found: Found) -> None:
    """The one that waits is stopped; the one that failed has its place in the queue."""
    stopped, resumed = found["stopped"], found["resumed"]
    assert stopped[0] == ["waits", "stopped", "stopped by anna", "Resume"]
    assert resumed[3] == ["fails", "queued", "place 1 in the queue", "Stop"]


def test_what_a_button_is_refused_is_told_until_the_next(found: Found) -> None:
    assert found["refused"] == ["it has ended"] * 2
    assert found["by a proxy"] == ["Refused: 502."] * 2


def test_nothing_fails_and_nothing_comes_from_elsewhere(found: Found) -> None:
    assert (found["complaints"], found["elsewhere"]) == ([], [])


def test_a_phone_has_it_in_its_width(found: Found) -> None:
    assert found["scrolls"] is False
