"""The driver of a job is killed with -9 again and again, and the job goes on: nothing shows."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

from search.ledger import Ledger
from secateur.records import PruningResult, SearchResult
from secateur.tracking import names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TRIALS, EPOCHS = 20, 6
TARGETS, EPISODES = (0.3, 0.5), 60
KILLS = 5
# About what it takes to record a step, so that moments between the steps are met too.
LONGEST_DELAY_S = 0.03

TINY: dict[str, Any] = {
    "data": {"kind": "digits", "limit": 300},
    "search": {"trials": 1, "epochs": 4, "networks": [{"kind": "mlp", "depth": 1, "width": 32}]},
    "prune": None,
    "publish": {"max_accuracy_drop": 1.0, "min_flops_cut": 0.0},
    "show": 0,
}
SEARCH = {
    "trials": TRIALS,
    "epochs": EPOCHS,
    "parallel": 2,
    "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [16, 32, 64]}],
    "recipe": {"learning_rate": {"low": 0.001, "high": 0.1, "log": True}},
}
PRUNE = {"targets": list(TARGETS), "episodes": EPISODES, "round_to": 2}


def survive(run, tmp_path: Path, stage: str, steps: int, seed: int, spec: dict[str, Any]) -> None:
    """Run a job that is killed ``KILLS`` times, spread over a stage of at least so many steps."""
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(spec))
    draw = random.Random(seed)
    for _ in range(KILLS):
        after = draw.randint(1, steps // (KILLS + 1))
        code, output = run(path, f"{stage}/", after, draw.uniform(0, LONGEST_DELAY_S))
        assert code == -signal.SIGKILL, output
    code, output = run(path)
    assert code == 0, output


def recorded(home: Path, job: str) -> tuple[MlflowClient, dict[str, Run]]:
    """The runs of a job by their keys, none of them twice and none of them open."""
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(job)
    runs = list(client.search_runs([experiment.experiment_id], max_results=1000))
    keys = Counter(run.data.tags["secateur.key"] for run in runs)
    assert set(keys.values()) == {1}, keys
    assert "RUNNING" not in {run.info.status for run in runs}
    found = {run.data.tags["secateur.key"]: run for run in runs}
    assert found["job"].info.status == "FINISHED"
    return client, found


def points(client: MlflowClient, run: Run, metric: str) -> list[tuple[int, float]]:
    return [
        (point.step, point.value) for point in client.get_metric_history(run.info.run_id, metric)
    ]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_search(run, home: Path, tmp_path: Path, seed: int) -> None:
    spec = TINY | {"name": "search", "search": SEARCH}
    # A trial records its start, its epochs and its end; the scheduler stops some early.
    survive(run, tmp_path, "search", TRIALS * 4, seed, spec)
    client, runs = recorded(home, "search")
    trials = [key for key in runs if key.startswith("search/")]
    assert sorted(trials) == [f"search/trial-{number:04d}" for number in range(TRIALS)]
    result = Ledger(home / "search").read("search", SearchResult)
    assert result is not None
    assert len(result.trials) == TRIALS
    for trial in result.trials:
        found = runs[f"search/trial-{trial.number:04d}"]
        reached = points(client, found, names.VALIDATION_ACCURACY)
        assert [step for step, _ in reached] == list(range(1, len(reached) + 1))
        # A trial that was killed begins again, and may then be stopped earlier than before.
        assert len(reached) == trial.epochs or trial.status == "stopped"
        # What is recorded is of this very trial, not of one that was chosen before a kill.
        assert reached[trial.epochs - 1][1] == trial.accuracy
        assert float(found.data.params["recipe.learning_rate"]) == trial.recipe.learning_rate
        assert (found.info.status == "FINISHED") == (trial.status == "finished")


@pytest.mark.parametrize("seed", [2, 3])
def test_a_pruning(run, home: Path, tmp_path: Path, seed: int) -> None:
    spec = TINY | {"name": "prune", "prune": PRUNE, "finetune": {"epochs": 1}}
    # Episodes come in bursts: only the half of them is counted on.
    survive(run, tmp_path, "prune", len(TARGETS) * EPISODES // 2, seed, spec)
    client, runs = recorded(home, "prune")
    agents = {key for key in runs if key.startswith("prune/")}
    assert agents == {f"prune/{target:g}/0" for target in TARGETS}
    pruned = Ledger(home / "prune").read("prune", tuple[PruningResult, ...])
    assert pruned is not None
    for result in pruned:
        assert [episode.number for episode in result.episodes] == list(range(EPISODES))
        rewards = points(client, runs[f"prune/{result.target:g}/0"], names.REWARD)
        assert rewards == [(episode.number, episode.reward) for episode in result.episodes]
