from __future__ import annotations

from math import inf

import pytest

from search.budget import Budget, Held, Tab
from secateur.spec import BudgetSpec
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


def test_a_tab_adds_up_time_and_cpus(clock: Clock) -> None:
    tab = Tab(clock=clock)
    clock.now += 5
    tab.hold(2)
    clock.now += 10
    tab.hold(1)
    clock.now += 4
    # 5 s with none, 10 s with two, 4 s with one.
    assert tab.held == Held(seconds=19, cpu_seconds=24)


def test_a_tab_goes_on_from_what_was_taken_before(clock: Clock) -> None:
    tab = Tab(Held(seconds=100, cpu_seconds=150), clock)
    tab.hold(3)
    clock.now += 2
    assert tab.held == Held(seconds=102, cpu_seconds=156)


@pytest.mark.parametrize(
    ("spec", "bound", "after"),
    [
        ({"minutes": 1}, "minutes", 60),
        # Two CPUs take 0.02 hours of one in 36 seconds.
        ({"cpu_hours": 0.02}, "cpu_hours", 36),
        ({"minutes": 0.5, "cpu_hours": 0.02}, "minutes", 30),
        ({"minutes": 1, "cpu_hours": 0.02}, "cpu_hours", 36),
    ],
)
def test_a_budget_ends_at_the_bound_that_is_reached_first(
    clock: Clock, spec: dict[str, float], bound: str, after: float
) -> None:
    tab = Tab(clock=clock)
    budget = Budget(BudgetSpec.model_validate(spec), tab)
    tab.hold(2)
    clock.now += after - 3
    assert budget.reached() is None
    assert budget.left == pytest.approx(3)
    assert budget.share == pytest.approx((after - 3) / after)
    clock.now += 3.001
    assert budget.reached() == bound
    assert budget.left == 0


def test_time_before_an_interruption_counts(clock: Clock) -> None:
    budget = Budget(BudgetSpec(minutes=1), Tab(Held(seconds=59), clock))
    assert budget.reached() is None
    clock.now += 1
    assert budget.reached() == "minutes"


def test_without_bounds_there_is_always_time(clock: Clock) -> None:
    tab = Tab(clock=clock)
    budget = Budget(None, tab)
    tab.hold(2)
    clock.now += 1e9
    assert (budget.reached(), budget.share, budget.left) == (None, 0, inf)
