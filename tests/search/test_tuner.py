"""Searches with real Ray, as small as they can be, interrupted and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from search import tuner
from search.ledger import Ledger
from secateur.data import Development, load
from secateur.records import SearchResult
from secateur.spec import JobSpec, parse

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


class Journal:
    """Counts what ends; may press Ctrl-C, or pull the plug, when some have."""

    def __init__(self, stop_after: int | None = None, how: int = signal.SIGINT) -> None:
        self.points: dict[int, dict[str, Any]] = {}
        self.ends = 0
        self._stop_after, self._how = stop_after, how

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        self.points[number] = point

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        pass

    def ended(self, trial: str, done: int, *, failed: bool) -> None:
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
    numbers = [trial.number for trial in result.trials]
    assert numbers == sorted(set(numbers))
