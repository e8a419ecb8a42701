"""What displays and trackers are told of trainings of generators."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest

from search.budget import Held, Tab
from search.generation.listening import DistanceWatch, GenerativeJournal, RecoveryWatch
from search.live import Live
from search.progress import Progress
from search.status import Activity
from secateur.records import GenerativeCurve, GenerativeMetrics, JudgedStep, Likeness
from secateur.tracking import names
from tests.clock import Clock


class Seen(Live):
    """Keeps what it was told last."""

    activity: Activity
    left: float | None

    def update(self, activity: Activity, outlook: Any, cpus: float) -> None:
        super().update(activity, outlook, cpus)
        self.activity, self.left = activity, outlook.left(self.clock())


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """As without Ray, which other tests of the session leave running."""
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    progress = Progress(io.StringIO(), Clock())
    progress.begin("search")
    return Seen(progress, None)


def likeness(distance: float) -> Likeness:
    return Likeness(
        judge="j", images=9, real=9, distance=distance, kernel_distance=0.25, coverage=0.5,
        collapsed=False, figures={"spread": 0.75},
    )  # fmt: skip


def metrics(step: int, *, last: bool = False) -> GenerativeMetrics:
    losses = {"generator": 1.5, "critic": 0.5}
    return GenerativeMetrics(step=step, losses=losses, seconds=step / 10, last=last)


def result(*steps: int, distance: float, last: bool, iteration: int = 1) -> dict[str, Any]:
    told = ",".join(metrics(step).model_dump_json() for step in steps)
    return {
        "score": -distance, "last": last, "flops": 1000, "metrics": f"[{told}]",
        "likeness": likeness(distance).model_dump_json(), "training_iteration": iteration,
    }  # fmt: skip


def test_the_least_distance_is_the_best(live: Seen) -> None:
    watch = DistanceWatch(live, 3, lambda point: f"the {point['network']}")
    for number, (distance, last) in enumerate([(4.0, True), (2.0, True), (1.0, False)]):
        watch.started(str(number), number, {"network": f"gan {number}"})
        watch.reported(str(number), result(100, distance=distance, last=last))
        watch.ended(str(number), failed=False)
    seen = live.activity
    # The least of those that ran in full.
    assert (seen.best, seen.best_is, seen.percent) == (2.0, "the gan 1", False)
    assert (seen.done, seen.stopped, seen.failed) == (3, 1, 0)


def test_a_trial_that_failed_at_once_has_no_score(live: Seen) -> None:
    watch = DistanceWatch(live, 1, str)
    watch.started("a", 0, {"network": "dcgan"})
    watch.ended("a", failed=True)
    assert (live.activity.best, live.activity.failed) == (None, 1)


class Tracker:
    """Keeps what is logged, by run and step."""

    def __init__(self) -> None:
        self.logged: dict[int, Mapping[str, float]] = {}
        self.ended: dict[str, tuple[str, str | None]] = {}

    def start(self, key: str, **_: object) -> str:
        return key

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        self.logged[step] = metrics

    def end(self, run: str, status: str = "FINISHED", reason: str | None = None) -> None:
        self.ended[run] = (status, reason)


def test_every_interval_is_a_step_and_judgements_stand_at_theirs() -> None:
    tracker = Tracker()
    journal = GenerativeJournal(tracker, "search")
    journal.started("a", 0, {"network": "dcgan"})
    journal.reported("a", result(100, 200, distance=3.0, last=False))
    journal.reported("a", result(300, distance=2.0, last=True, iteration=2))
    journal.ended("a", failed=False)
    assert sorted(tracker.logged) == [0, 100, 200, 300]
    assert tracker.logged[0] == {names.FLOPS: 1000}
    assert tracker.logged[100] == {
        "train/generator_loss": 1.5, "train/critic_loss": 0.5, names.TRAIN_CPU_SECONDS: 10.0
    }  # fmt: skip
    assert tracker.logged[200][names.VALIDATION_DISTANCE] == 3.0
    assert tracker.logged[300][names.VALIDATION_COVERAGE] == 0.5
    assert tracker.logged[300]["validation/further/spread"] == 0.75
    further = {name for metrics in tracker.logged.values() for name in metrics} - names.METRICS
    assert all(name.startswith(names.FURTHER) for name in further)
    assert tracker.ended == {"search/trial-0000": ("FINISHED", "full budget")}


def piece(step: int, distance: float, *, last: bool = False) -> GenerativeCurve:
    judged = JudgedStep(step=step, likeness=likeness(distance))
    return GenerativeCurve(trial=0, metrics=(metrics(step, last=last),), judged=(judged,))


def test_recoveries_are_counted_in_steps(live: Seen) -> None:
    watch = RecoveryWatch(live, (0.5, 0.7), 400)
    assert (live.activity.done, live.activity.total) == (0, 800)
    watch.trained(0.5, piece(100, 9.0))
    watch.trained(0.5, piece(200, 6.0))
    seen = live.activity
    # One CPU: the second waits.
    assert (seen.done, seen.running) == (200, 1)
    assert [(part.name, part.done, part.score) for part in seen.parts] == [
        ("-50%", 200, 6.0), ("-70%", 0, None)
    ]  # fmt: skip


def test_steps_of_before_an_interruption_took_their_time(live: Seen) -> None:
    live.tab = Tab(Held(seconds=600, cpu_seconds=600), live.clock)
    watch = RecoveryWatch(live, (0.5,), 400)
    watch.trained(0.5, piece(100, 9.0))
    watch.trained(0.5, piece(300, 6.0))
    # 300 steps took 600 s, though they were told at once: 100 more take 200 s.
    assert live.left == pytest.approx(200)


def test_one_whose_time_is_up_runs_no_more(live: Seen) -> None:
    watch = RecoveryWatch(live, (0.5,), 400)
    watch.trained(0.5, piece(300, 6.0))
    assert live.activity.running == 1
    watch.trained(0.5, piece(350, 6.0, last=True))
    assert live.activity.running == 0
