from __future__ import annotations

import pytest

from agents.resources import Need
from agents.waiting import LOOK_EVERY_S, PATIENCE_S, Waiting


class Stage:
    """Work that waits, with its lines, on a cluster whose room and clock the test sets."""

    def __init__(self, need: Need) -> None:
        self.lines: list[str] = []
        self.room, self.now, self.asked = True, 0.0, 0
        self.waits = Waiting("prune", need, self.lines.append, self.has_room, lambda: self.now)

    def has_room(self, _: Need) -> bool:
        self.asked += 1
        return self.room

    def look(self, seconds: float, *, begun: bool = False) -> list[str]:
        """Nothing is heard of the work for so long; the lines that this brings."""
        before, end = len(self.lines), self.now + seconds
        while self.now < end:
            self.now += LOOK_EVERY_S
            self.waits.look(begun=begun)
        return self.lines[before:]


def test_it_says_once_that_it_waits_and_once_that_it_goes_on() -> None:
    stage = Stage(Need())
    assert stage.look(PATIENCE_S - LOOK_EVERY_S) == []
    assert stage.look(10 * PATIENCE_S) == ["prune: waits for a worker with 1 CPU"]
    for _ in range(2):
        stage.waits.runs()
    assert stage.lines[1:] == ["prune: goes on"]
    assert stage.look(PATIENCE_S) == ["prune: waits for a worker with 1 CPU"]


def test_what_has_begun_runs_as_long_as_there_is_a_node_for_it() -> None:
    stage = Stage(Need())
    assert stage.look(2 * PATIENCE_S, begun=True) == []
    stage.room = False
    assert stage.look(PATIENCE_S - LOOK_EVERY_S, begun=True) == []
    assert stage.waits.homeless
    assert stage.look(PATIENCE_S, begun=True) == ["prune: waits for 1 CPU, which no node has"]
    stage.room = True
    assert stage.look(PATIENCE_S, begun=True) == ["prune: goes on"]
    assert not stage.waits.homeless


def test_what_is_heard_of_has_a_node() -> None:
    stage = Stage(Need())
    stage.room = False
    stage.look(LOOK_EVERY_S)
    assert stage.waits.homeless
    stage.waits.runs()
    assert not stage.waits.homeless


def test_the_cluster_is_not_asked_all_the_time() -> None:
    stage = Stage(Need())
    for _ in range(100):
        stage.waits.look()
    assert stage.asked == 1


@pytest.mark.parametrize(
    ("need", "told"),
    [
        (Need(gpus=0.5), "1 CPU with 0.5 GPUs"),
        (Need(processes=3), "3 CPUs"),
        (Need(processes=2, gpus=0.25), "2 CPUs with 0.25 GPUs each"),
    ],
)
def test_it_says_what_it_waits_for(need: Need, told: str) -> None:
    stage = Stage(need)
    stage.room = False
    assert stage.look(2 * PATIENCE_S) == [f"prune: waits for {told}, which no node has"]
