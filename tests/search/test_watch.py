"""What displays are told of trials, episodes and epochs as they come in."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from search.budget import Held, Tab
from search.listeners import TrialEnd
from search.live import Live
from search.progress import Progress
from search.status import Activity
from search.watch import AgentWatch, Best, EpochWatch, TrialWatch
from secateur.records import Episode, EpochMetrics
from secateur.spec import PruneSpec
from tests.clock import Clock


class Seen(Live):
    """Keeps what it was told last."""

    activity: Activity
    left: float | None
    cpus: float

    def update(self, activity: Activity, outlook: Any, cpus: float) -> None:
        super().update(activity, outlook, cpus)
        self.activity, self.cpus = activity, cpus
        self.left = outlook.left(self.clock())


@pytest.fixture(autouse=True)
def one_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without Ray, which other tests of the session leave running."""
    monkeypatch.setattr("ray.is_initialized", lambda: False)


@pytest.fixture
def clock() -> Clock:
    return Clock(100.0)


@pytest.fixture
def live(clock: Clock) -> Seen:
    progress = Progress(io.StringIO(), clock)
    progress.begin("search")
    return Seen(progress, None)


def point(network: str) -> dict[str, Any]:
    return {"network": network}


def result(accuracy: float, *, last: bool) -> dict[str, Any]:
    return {"validation_accuracy": accuracy, "last": last}


def trials(live: Seen, total: int | None = 6) -> TrialWatch:
    return TrialWatch(live, total, lambda point: f"the {point['network']}")


def test_trials_are_counted_by_how_they_end(live: Seen) -> None:
    watch = trials(live)
    for number, name in enumerate(("a", "b", "c", "d")):
        watch.started(name, number, point(name))
    assert (live.activity.running, live.cpus) == (4, 4)
    watch.reported("a", result(0.9, last=True))
    watch.reported("b", result(0.99, last=False))
    watch.reported("c", result(0.95, last=True))
    watch.ended("a", failed=False)
    watch.ended("b", failed=False)
    watch.ended("c", failed=False)
    watch.ended("d", failed=True)
    seen = live.activity
    assert (seen.done, seen.total, seen.running) == (4, 6, 0)
    assert (seen.stopped, seen.failed) == (1, 1)
    # The best of those that ran in full; "b" was stopped early.
    assert (seen.best, seen.best_is) == (0.95, "the c")


def test_a_search_that_goes_on_counts_what_had_ended(live: Seen) -> None:
    watch = trials(live)
    watch.kept(TrialEnd("a", 0, point("a"), result(0.9, last=True), failed=False))
    watch.kept(TrialEnd("b", 1, point("b"), result(0.5, last=False), failed=False))
    watch.kept(TrialEnd("c", 2, point("c"), {}, failed=True))
    watch.started("d", 3, point("d"))
    seen = live.activity
    assert (seen.done, seen.stopped, seen.failed, seen.running) == (3, 1, 1, 1)
    assert (seen.best, seen.best_is) == (0.9, "the a")


def test_a_trial_that_begins_again_runs_once(live: Seen) -> None:
    watch = trials(live)
    watch.started("a", 0, point("a"))
    watch.started("a", 0, point("a"))
    assert live.activity.running == 1


def test_time_left_follows_what_ended(live: Seen, clock: Clock) -> None:
    watch = trials(live)
    for number in range(6):
        watch.started(str(number), number, point("mlp"))
        clock.now += 10
        watch.ended(str(number), failed=False)
        # One after the other, 10 s each.
        assert live.left == pytest.approx(10 * (5 - number))


def test_no_time_left_is_told_before_a_trial_ended(live: Seen, clock: Clock) -> None:
    watch = trials(live)
    watch.started("a", 0, point("a"))
    clock.now += 10
    assert live.left is None


def episode(number: int, reward: float, flops: int) -> Episode:
    return Episode(number=number, widths=(1,), reward=reward, flops=flops)


def test_the_best_is_at_the_target_once_an_episode_is_there() -> None:
    best = Best(flops=500)
    assert best.see(episode(0, 0.8, 900)).reward == 0.8
    assert best.see(episode(1, 0.9, 800)).reward == 0.9
    assert best.see(episode(2, 0.3, 500)).reward == 0.3
    assert best.see(episode(3, 0.95, 501)).reward == 0.3
    assert best.see(episode(4, 0.4, 400)).reward == 0.4


def epoch(number: int, *, last: bool = False) -> EpochMetrics:
    return EpochMetrics(
        epoch=number, train_loss=1, validation_loss=1, validation_accuracy=number / 10, last=last
    )


@pytest.mark.parametrize(("agent", "noise"), [("ddpg", 0.4), ("nsga2", None)])
def test_noise_is_told_of_agents_that_add_some(agent: str, noise: float | None, live: Seen) -> None:
    spec = PruneSpec(agent=agent, targets=(0.5,), episodes=4)
    costs = SimpleNamespace(dense_flops=100)
    watch = AgentWatch(live, SimpleNamespace(spec=spec, cost=costs, dense_flops=100, seed=0))
    watch.played(0.5, Episode(number=0, widths=(1,), reward=0.9, flops=40, noise=noise or 0.0))
    assert live.activity.noise == noise
    assert [(part.done, part.cut) for part in live.activity.parts] == [(1, 0.6)]


def test_epochs_are_counted_by_target(live: Seen, clock: Clock) -> None:
    watch = EpochWatch(live, (0.5, 0.75), 4)
    for number in (1, 2, 3):
        clock.now += 2
        watch.trained(0.5, epoch(number))
    watch.trained(0.75, epoch(1))
    parts = {part.name: (part.done, part.total, part.score) for part in live.activity.parts}
    assert parts == {"-50%": (3, 4, 0.3), "-75%": (1, 4, 0.1)}
    assert (live.activity.done, live.activity.total) == (4, 8)
    # 4 epochs took 6 s of one CPU, which is all there is: 4 more take as long.
    assert live.left == pytest.approx(6)


def test_epochs_of_before_an_interruption_took_their_time(live: Seen, clock: Clock) -> None:
    live.tab = Tab(Held(seconds=600, cpu_seconds=600), clock)
    watch = EpochWatch(live, (0.5,), 40)
    for number in range(1, 31):
        watch.trained(0.5, epoch(number))
    # 30 epochs took 600 s, though they were told at once: 10 more take 200 s.
    assert live.left == pytest.approx(200)


def test_a_fine_tune_that_ends_early_has_no_epochs_left(live: Seen, clock: Clock) -> None:
    watch = EpochWatch(live, (0.5,), 40)
    for number in (1, 2):
        clock.now += 2
        watch.trained(0.5, epoch(number, last=number == 2))
    assert live.left == 0
