from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from agents.allowance import Allowance, Stint, played, share_out
from secateur.spec import BudgetSpec
from tests.clock import Clock


@pytest.mark.parametrize(
    ("spec", "agents", "at_once", "cpus", "expected"),
    [
        # All play at once, for all of the ten minutes.
        ({"minutes": 10}, 2, 2, 1, Allowance(600, "minutes")),
        # Five agents on two places: three turns.
        ({"minutes": 10}, 5, 2, 1, Allowance(200, "minutes")),
        # An hour of one CPU among two agents that hold two each.
        ({"cpu_hours": 1}, 2, 2, 2, Allowance(900, "cpu_hours")),
        ({"minutes": 10, "cpu_hours": 1}, 2, 2, 2, Allowance(600, "minutes")),
        ({"minutes": 20, "cpu_hours": 1}, 2, 2, 2, Allowance(900, "cpu_hours")),
        (None, 2, 2, 1, Allowance(inf, "minutes")),
    ],
)
def test_agents_share_a_budget_equally(
    spec: dict[str, float] | None, agents: int, at_once: int, cpus: float, expected: Allowance
) -> None:
    budget = None if spec is None else BudgetSpec.model_validate(spec)
    assert share_out(budget, agents, at_once, cpus) == expected


def episodes(stint: Stint, clock: Clock, most: int = 100, seconds: float = 10) -> int:
    """Play a stage of episodes that take ``seconds`` each; how many there were."""
    stint.begin()
    count, enough = 0, False
    while count < most and not enough:
        clock.now += seconds
        stint.told()
        count, enough = count + 1, stint.enough()
    return count


def test_an_agent_ends_with_the_episode_that_passes_its_allowance(tmp_path: Path) -> None:
    clock = Clock()
    stint = Stint(Allowance(25), tmp_path, clock=clock)
    assert episodes(stint, clock) == 3
    assert played(tmp_path).stopped_by == "minutes"


def test_an_agent_that_has_time_ends_with_its_episodes(tmp_path: Path) -> None:
    clock = Clock()
    stint = Stint(Allowance(1000, "cpu_hours"), tmp_path, clock=clock)
    assert episodes(stint, clock, most=5) == 5
    assert played(tmp_path).stopped_by == "episodes"
    assert played(tmp_path).seconds == 50


def test_without_a_budget_nothing_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    assert episodes(Stint(Allowance(), tmp_path, clock=clock), clock) == 100
    assert not list(tmp_path.iterdir())
    assert played(tmp_path).stopped_by == "episodes"


def test_stages_share_the_allowance_and_have_an_episode_each(tmp_path: Path) -> None:
    clock = Clock()
    stint = Stint(Allowance(45), tmp_path, stages=3, clock=clock)
    # Their ends lie at 15, 30 and 45 s.
    assert [episodes(stint, clock), episodes(stint, clock)] == [2, 1]
    clock.now += 100  # a long fine-tune
    assert episodes(stint, clock) == 1


def test_time_before_an_interruption_counts(tmp_path: Path) -> None:
    clock = Clock()
    first = Stint(Allowance(100), tmp_path, clock=clock)
    assert episodes(first, clock, most=7) == 7
    clock.now += 1000  # while nothing runs
    again = Stint(Allowance(100), tmp_path, clock=clock)
    again.begin()
    for _ in range(7):  # told again from what was kept, in no time
        again.told()
        assert not again.enough()
    assert [_played(again, clock) for _ in range(3)] == [False, False, True]


def test_what_was_told_is_told_again_whatever_it_takes(tmp_path: Path) -> None:
    clock = Clock()
    episodes(Stint(Allowance(45), tmp_path, stages=2, clock=clock), clock)
    stint = Stint(Allowance(45), tmp_path, stages=2, clock=clock)
    # Three episodes of the first stage had passed its half: none is added, none is lost.
    assert episodes(stint, clock, seconds=100) == 3
    assert episodes(stint, clock) == 1
    after = Stint(Allowance(45), tmp_path, stages=2, clock=clock)
    assert episodes(after, clock, seconds=0) == 3
    assert episodes(after, clock, seconds=0) == 1


def _played(stint: Stint, clock: Clock) -> bool:
    clock.now += 10
    stint.told()
    return stint.enough()


def test_a_torn_file_is_nothing_played(tmp_path: Path) -> None:
    clock = Clock()
    episodes(Stint(Allowance(25), tmp_path, clock=clock), clock)
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    assert played(tmp_path).seconds == 0
