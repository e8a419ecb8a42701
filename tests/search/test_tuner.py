"""Searches with real Ray, as small as they can be, interrupted and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from search import tuner
from search.budget import Budget, Held, Tab
from search.ledger import Ledger
from search.listeners import TrialEnd, TrialListener
from search.unfinished import FOLDER
from secateur.data import Development, load
from secateur.errors import StageError
from secateur.records import SearchResult
from secateur.spec import JobSpec, LimitsSpec, parse

pytestmark = [
    pytest.mark.slow,
    # A Tune that was interrupted leaves the closing of its own files to the collector.
    pytest.mark.filterwarnings("ignore:unclosed file.*result.json:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning"
    ),
]

NETWORKS = [{"kind": "mlp", "depth": {"low": 1, "high": 2}, "width": [8, 64]}, {"kind": "lenet"}]


def job(name: str, **search: Any) -> JobSpec:
    return parse(
        {
            "name": name,
            "data": {"kind": "digits", "limit": 200},
            "search": {"trials": 6, "epochs": 2, "networks": NETWORKS} | search,
        }
    )


FIRST = job("first", sampler="nsga2", scheduler="asha")


class Journal(TrialListener):
    """Counts what ends; may press Ctrl-C, or pull the plug, when some have."""

    def __init__(self, stop_after: int | None = None, how: int = signal.SIGINT) -> None:
        self.points: dict[int, dict[str, Any]] = {}
        self.kept_ones: list[int] = []
        self.ends = 0
        self._stop_after, self._how = stop_after, how

    def kept(self, end: TrialEnd) -> None:
        self.kept_ones.append(end.number)

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        self.points[number] = point

    def ended(self, trial: str, *, failed: bool) -> None:
        self.ends += 1
        if self.ends == self._stop_after:
            os.kill(os.getpid(), self._how)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def development() -> Development:
    return load(FIRST.data, FIRST.seed).development


@pytest.fixture(scope="module")
def first(ray_session: None, jobs: Path, development: Development) -> SearchResult:
    """A search that was interrupted after two trials and went on; its record is kept."""
    ledger = Ledger(jobs / "first")
    with ledger.held(FIRST):
        with pytest.raises(KeyboardInterrupt):
            tuner.search(FIRST, development, ledger.folder, Journal(stop_after=2))
        assert not tuner.known(FIRST, development, ledger.folder).first
        result = tuner.search(FIRST, development, ledger.folder, Journal())
        ledger.write("search", SearchResult, result)
    return result


def test_an_interrupted_nsga2_ends_with_the_trials_asked_for(first: SearchResult) -> None:
    assert [trial.number for trial in first.trials] == list(range(6))
    assert {trial.status for trial in first.trials} <= {"finished", "stopped"}


def test_what_is_recorded_is_what_applied(first: SearchResult) -> None:
    names = {
        "mlp": {"depth", "width", "activation", "normalization", "dropout"},
        "lenet": {
            "width",
            "activation",
            "last_activation",
            "normalization",
            "pooling",
            "dropout",
        },
    }
    for trial in first.trials:
        assert set(trial.architecture.arguments) == names[trial.architecture.name]


def test_flops_are_those_of_the_network(first: SearchResult) -> None:
    # 64 pixels to width, depth - 1 times width to width, width to 10 classes: 2 FLOPs a weight.
    perceptrons = [trial for trial in first.trials if trial.architecture.name == "mlp"]
    assert perceptrons
    for trial in perceptrons:
        depth, width = (int(trial.architecture.arguments[name]) for name in ("depth", "width"))
        assert trial.flops == 2 * (64 * width + (depth - 1) * width * width + width * 10)


def test_the_front_holds_finished_trials_and_the_winner(first: SearchResult) -> None:
    ahead = [first.trials[number] for number in first.front]
    assert {trial.status for trial in ahead} == {"finished"}
    assert [trial.flops for trial in ahead] == sorted(trial.flops or 0 for trial in ahead)
    assert first.best == ahead[-1]


def test_a_warm_start_begins_with_the_best_and_reaches_the_same(
    first: SearchResult, jobs: Path, development: Development
) -> None:
    spec = job("second", scheduler="none", trials=2, parallel=1, warm_start="first")
    folder = jobs / "second"
    start = tuner.known(spec, development, folder)
    finished = [trial for trial in first.trials if trial.status == "finished"]
    assert len(start.known) == len(finished)
    journal = Journal()
    result = tuner.search(spec, development, folder, journal, start)
    best = max(finished, key=lambda trial: (trial.accuracy or 0.0, -trial.number))
    opening = result.trials[0]
    # Same split, seed and number of threads: the same network learns the same again.
    assert (opening.architecture, opening.recipe) == (best.architecture, best.recipe)
    assert opening.accuracy == best.accuracy
    assert (result.best.accuracy or 0.0) >= (best.accuracy or 0.0)


def test_a_search_whose_process_was_killed_ends_with_the_trials_asked_for(
    ray_session: None, tmp_path: Path, development: Development
) -> None:
    script = (
        "import importlib.util, signal, sys; from pathlib import Path;"
        "made = importlib.util.spec_from_file_location('test_tuner', sys.argv[1]);"
        "here = importlib.util.module_from_spec(made); made.loader.exec_module(here);"
        "from search.local_ray import local_ray;"
        "folder = Path(sys.argv[2]);"
        "context = local_ray(folder / 'ray.log'); context.__enter__();"
        "here.tuner.search(here.FIRST, here.load(here.FIRST.data, 0).development, folder,"
        " here.Journal(stop_after=3, how=signal.SIGKILL))"
    )
    folder = tmp_path / "job"
    command = [sys.executable, "-c", script, __file__, str(folder)]
    environment = os.environ | {"RAY_TMPDIR": "/tmp"}
    environment.pop("RAY_ADDRESS", None)
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    result = tuner.search(FIRST, development, folder, Journal())
    assert len(result.trials) == 6
    assert all(trial.status in {"finished", "stopped"} for trial in result.trials)
    # Few enough that the curves of all are kept, with every epoch once.
    epochs = {curve.trial: len(curve.scores) for curve in result.curves}
    assert epochs == {trial.number: trial.epochs for trial in result.trials}
    numbers = [trial.number for trial in result.trials]
    assert numbers == sorted(set(numbers))


class Interrupter(Journal):
    """Presses Ctrl-C when a trial reports its second epoch; knows all scores by their epoch."""

    def __init__(self, *, stop: bool) -> None:
        super().__init__()
        self.scores: dict[int, float] = {}
        self._stop = stop

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        self.scores[result["epoch"]] = result[tuner.METRIC]
        if self._stop and result["epoch"] == 2:
            os.kill(os.getpid(), signal.SIGINT)


def test_a_trial_that_was_interrupted_with_its_search_goes_on(
    ray_session: None, tmp_path: Path, development: Development
) -> None:
    spec = job("long", trials=1, epochs=60)
    spec = spec.model_copy(update={"limits": LimitsSpec(checkpoint_seconds=0)})
    with pytest.raises(KeyboardInterrupt):
        tuner.search(spec, development, tmp_path, Interrupter(stop=True))
    (kept,) = (tmp_path / FOLDER).iterdir()
    # A score that no training reaches shows whose epoch is reported.
    content = torch.load(kept, weights_only=True)
    told = json.loads(content["metrics"])
    told[0]["validation_accuracy"] = 0.12345
    torch.save(content | {"metrics": json.dumps(told)}, kept)
    journal = Interrupter(stop=False)
    result = tuner.search(spec, development, tmp_path, journal)
    assert journal.scores[1] == 0.12345
    assert sorted(journal.scores) == list(range(1, 61))
    assert result.best.epochs == 60
    assert not (tmp_path / FOLDER).exists()


class Hours:
    """A clock on which an hour passes whenever a trial ends, and none else."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Timed(Journal):
    """Listens to trials that take an hour each."""

    def __init__(self, clock: Hours, stop_after: int | None = None) -> None:
        super().__init__(stop_after)
        self._clock = clock

    def ended(self, trial: str, *, failed: bool) -> None:
        self._clock.now += 3600
        super().ended(trial, failed=failed)


def test_a_search_ends_with_its_budget_to_within_a_trial_a_worker(
    ray_session: None, tmp_path: Path, development: Development
) -> None:
    spec = job("timed", trials=None, budget={"minutes": 300}, scheduler="none", epochs=1)
    clock = Hours()
    budget, journal = Budget(spec.search.budget, Tab(clock=clock)), Timed(clock)
    result = tuner.search(spec, development, tmp_path, journal, budget=budget)
    # The fifth end uses up the five hours; the trial beside it had begun and went to its end.
    assert len(result.trials) == 6
    assert {trial.status for trial in result.trials} == {"finished"}
    assert result.stopped_by == "minutes"


def test_a_budget_counts_what_was_spent_before_an_interruption(
    ray_session: None, tmp_path: Path, development: Development
) -> None:
    spec = job(
        "resumed", trials=20, budget={"cpu_hours": 5}, scheduler="none", epochs=1, parallel=1
    )
    clock = Hours()
    tab = Tab(clock=clock)
    tab.hold(1)
    with pytest.raises(KeyboardInterrupt):
        tuner.search(
            spec, development, tmp_path, Timed(clock, 2), budget=Budget(spec.search.budget, tab)
        )
    spent = tab.held
    clock.now += 100 * 3600  # while the job does not run
    again = Tab(spent, clock)
    again.hold(1)
    journal = Timed(clock)
    budget = Budget(spec.search.budget, again)
    result = tuner.search(spec, development, tmp_path, journal, budget=budget)
    assert result.stopped_by == "cpu_hours"
    # Two hours before the interruption, three after it.
    assert journal.kept_ones == [0, 1]
    assert journal.ends == 3
    assert len(result.trials) == 5


def test_a_budget_without_a_whole_trial_is_an_error(
    ray_session: None, tmp_path: Path, development: Development
) -> None:
    spec = job("none", trials=None, budget={"minutes": 1}, parallel=1, epochs=1)
    tab = Tab(Held(seconds=60))
    with pytest.raises(
        StageError, match=r"none of 0 trials finished within search\.budget\.minutes"
    ):
        tuner.search(spec, development, tmp_path, Journal(), budget=Budget(spec.search.budget, tab))
