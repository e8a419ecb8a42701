"""The model of many workers, and the page about them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import hardware
from benchmarks.page import write
from benchmarks.scaling import fit, measuring, page, trials, work
from benchmarks.scaling.driver import line
from benchmarks.scaling.model import Costs, most_workers, simulate
from benchmarks.scaling.work import Work
from search import trainable
from search.snapshots import SHARE

FREE = Costs(report=0, tracking=0, turn=0, turn_growth=0, snapshot=0, snapshot_growth=0, delay=0)
SECOND = Work(seconds=1, reports=1)


def costs(**given: float) -> Costs:
    return Costs(**(vars(FREE) | given))


def test_a_driver_that_costs_nothing_lets_all_workers_work() -> None:
    outcome = simulate(100, 3, Work(10, 4), FREE)
    assert outcome.efficiency == pytest.approx(1)
    assert outcome.seconds == pytest.approx(30)


def test_one_worker_waits_for_its_own_events() -> None:
    # 10 s of work, two reports of 100 ms, a turn of 200 ms: 10.4 s.
    outcome = simulate(1, 1, Work(10, 2), costs(report=100, turn=200))
    assert outcome.efficiency == pytest.approx(10 / 10.4)
    busy = {"report": 0.2 / 10.4, "tracking": 0, "turn": 0.2 / 10.4, "snapshot": 0}
    assert outcome.spent == pytest.approx(busy)


def test_beyond_what_the_driver_holds_workers_wait_for_each_other() -> None:
    # All 100 report after a second; the last is served 100 times 100 ms later.
    outcome = simulate(100, 1, SECOND, costs(report=100))
    assert outcome.seconds == pytest.approx(11)
    assert outcome.efficiency == pytest.approx(1 / 11)


def test_turns_grow_with_the_trials_before() -> None:
    # One worker, two trials: the turns cost 1 and 2 trials' worth of 100 ms.
    outcome = simulate(1, 2, SECOND, costs(turn_growth=100))
    assert outcome.seconds == pytest.approx(2.3)


def test_delays_keep_a_worker_and_not_the_driver() -> None:
    # Between two trials, so once.
    assert simulate(7, 2, SECOND, costs(delay=500)).seconds == pytest.approx(2.5)


def test_snapshots_are_taken_no_more_often_than_they_may_be() -> None:
    # Five reports at 1, 2, ... s; a snapshot of 250 ms before each, 1 s after the last at least.
    slow = costs(snapshot=250)
    assert simulate(1, 5, SECOND, slow).seconds == pytest.approx(6.25)
    # At most a tenth of the time: 2.25 s from one to the next.
    rarer = Costs(**(vars(slow) | {"share": 0.1}))
    assert simulate(1, 5, SECOND, rarer).spent["snapshot"] <= 0.1


def test_the_most_workers_are_where_the_driver_is_nearly_always_busy() -> None:
    # A cycle of 1.1 s is 11 reports of 100 ms: 1 / 1.1 up to 11 workers, then 1 / 1.2.
    assert most_workers(SECOND, costs(report=100), each=1000) == 11


def test_figures_of_a_search() -> None:
    watch = trials.Stopwatch()
    watch.begins.update({1: [2.0, 13.0, 24.0], 2: [3.0, 13.0, 23.0]})
    watch.cpu = [0.5, 1.5]
    found = trials.figures(watch, 2, Work(10), 0.0, 40.0)
    # Two cycles of 11 s and two of 10 s; six trials of 10 s in 2 x 40 s.
    assert found["steady"] == pytest.approx(40 / 42)
    assert found["whole"] == pytest.approx(60 / 80)
    assert (found["first_start_seconds"], found["start_seconds"]) == (2.0, 3.0)
    assert found["report_ms"] == pytest.approx(1000)


@pytest.mark.parametrize("text", ["1", "0", "-3", "many", ""])
def test_one_alone_tells_nothing_of_what_lies_between_two(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="expected 2 or more"):
        measuring.several(text)


def test_a_line_through_costs() -> None:
    assert line([(1, 3.0), (2, 5.0), (3, 7.0)]) == pytest.approx((1.0, 2.0))
    assert line([(4, 3.0), (4, 5.0)]) == pytest.approx((4.0, 0.0))


def test_trials_report_what_those_of_a_job_do() -> None:
    assert (work.METRIC, work.FLOPS, work.WEIGHTS) == (
        trainable.METRIC,
        trainable.FLOPS,
        trainable.WEIGHTS,
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A search of eight workers, and the driver of a thousand."""
    asked = {"trials_each": 2, "work": asdict(Work(30, 12))}
    search = {"trials": 16, "reports": 192, "seconds": 90, "report_ms": 3.0, "steady": 0.96,
              "whole": 0.8, "first_start_seconds": 10.2, "start_seconds": 12.6}  # fmt: skip
    driver = {"trials": 2000, "reports": 24000, "seconds": 80, "all_ms": 3.5, "report_ms": 2.25,
              "turn_ms": 10, "turn_ms_a_trial": 0.01, "turn_mean_ms": 20, "snapshot_ms": 20,
              "snapshot_ms_a_trial": 0.2, "snapshot_last_ms": 420,
              "background_ms": 0.75}  # fmt: skip
    for kind, workers, found in (("trials", 8, search), ("driver", 1000, driver)):
        one = {"settings": asked | {"workers": workers}, "rounds": [found]}
        write(tmp_path / kind / f"{workers}.json", one | {"hardware": hardware.facts()})
    return tmp_path


def test_the_page_tells_what_was_measured(results: Path) -> None:
    told = page.page(results)
    assert "| 8 | 16 | 30 | 12 | 96.0% | 80.0% | 10 s | 13 s |" in told
    assert "| now | 1,000 | 2,000 | 2.25 ms | 20.0 ms | 420 ms | 0.75 ms |" in told
    # A measurement that a cost was taken from is no proof of the model, and is called so.
    assert "of which the first gave it" in told


def test_costs_are_fitted_to_both(results: Path) -> None:
    found = fit.fitted(fit.read("driver", results), fit.read("trials", results))
    # Real reports cost no more than virtual ones here.
    assert (found.report, found.tracking) == (2.25, 0.75)
    # A trial takes 30 s / 0.96 = 31.25 s: beyond its work and the driver 1,250 - 12 x 3 - 10 ms.
    assert found.delay == pytest.approx(1204)
    assert found.share == SHARE


@pytest.mark.slow
def test_virtual_workers_do_what_real_ones_do() -> None:
    asked = ["--play", "--workers=3", "--trials=2", "--seconds=0.4", "--reports=2"]
    found = measuring.alone(["benchmarks.scaling.driver", *asked])
    assert (found["trials"], found["reports"]) == (6, 12)
    assert 0 < found["efficiency"] <= 1
    real = measuring.alone(["benchmarks.scaling.trials", *asked])
    assert (real["trials"], real["reports"]) == (6, 12)
    # On a busy machine the others may have done all trials before the last process is there.
    assert 1 <= real["processes"] <= 3
    assert 0 < real["whole"] < real["steady"] <= 1
