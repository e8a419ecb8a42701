"""Whose turn it is, on orders worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

from serving.gateway.entries import Entry
from serving.gateway.turns import Standing, in_turn

HOUR = 3600.0
DAY = 24 * HOUR


def entry(id: int, team: str, priority: int = 0, submitted: float | None = None) -> Entry:
    return Entry(
        id=id, team=team, name=f"job-{id}", client="anna", digest="", submission="", metadata="{}",
        priority=priority, cpus=1, gpus=0, turn=1, phase="queued", placed=False, stop="",
        attempt=0, message="", exit_code=None, submitted=id if submitted is None else submitted,
        begun=None, started=None, ended=None,
    )  # fmt: skip


def order(
    waiting: Sequence[Entry],
    standing: Standing | None = None,
    now: float = HOUR,
    most: dict[str, int] | None = None,
) -> list[int]:
    turns = in_turn(waiting, standing or Standing(), now, DAY, most)
    return [entry.id for entry in turns]


def test_first_come_first_served() -> None:
    assert order([entry(3, "red"), entry(1, "red"), entry(2, "red")]) == [1, 2, 3]


def test_a_job_that_was_queued_again_is_behind_those_that_waited() -> None:
    assert order([entry(1, "red", submitted=9), entry(2, "red", submitted=2)]) == [2, 1]


def test_higher_priorities_first() -> None:
    assert order([entry(1, "red"), entry(2, "red", 5), entry(3, "blue", 1)]) == [2, 3, 1]


def test_teams_of_equal_priority_take_turns() -> None:
    """Red came first with four jobs; after one of it each team has had one in turn."""
    red = [entry(number, "red") for number in (1, 2, 3, 4)]
    assert order([*red, entry(5, "blue"), entry(6, "blue")]) == [1, 5, 2, 6, 3, 4]


def test_a_team_with_jobs_on_the_cluster_waits_for_one_without() -> None:
    waiting = [entry(1, "red"), entry(2, "red"), entry(3, "blue")]
    # Blue has none and red two: blue is behind by two turns.
    assert order(waiting, Standing(live={"red": 2})) == [3, 1, 2]


def test_where_one_job_runs_at_a_time_the_last_turns_count() -> None:
    """None is with the cluster when the next is chosen, whose last turn was red's."""
    waiting = [entry(1, "red"), entry(2, "blue")]
    assert order(waiting, Standing(last={"red": 200.0, "blue": 100.0})) == [2, 1]
    assert order(waiting, Standing(last={"red": 100.0, "blue": 200.0})) == [1, 2]


def test_a_team_at_its_limit_is_left_out() -> None:
    waiting = [entry(1, "red", 5), entry(2, "red", 5), entry(3, "blue")]
    assert order(waiting, Standing({"red": 1}), most={"red": 2, "blue": 2}) == [1, 3]


def test_a_job_that_waits_rises() -> None:
    """After three days of waiting, priority 0 has become 3, which is above 2 and below 4."""
    old = entry(1, "red", 0, submitted=0)
    fresh = [entry(2, "blue", 2, submitted=3 * DAY), entry(3, "blue", 4, submitted=3 * DAY)]
    assert order([old, *fresh], now=3 * DAY) == [3, 1, 2]
