"""What is promised of a job, whatever happened to it: all that was asked for, each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run

from search.ledger import Ledger
from secateur.records import PruningResult, SearchResult
from secateur.tracking import names

# Several small networks, two at a time, none of them stopped early.
PERCEPTRONS: dict[str, Any] = {
    "parallel": 2,
    "scheduler": "none",
    "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 2}, "width": [16, 32]}],
    "recipe": {"learning_rate": {"low": 0.001, "high": 0.1, "log": True}},
}

TINY: dict[str, Any] = {
    "data": {"kind": "digits", "limit": 300},
    "search": {"trials": 1, "epochs": 4, "networks": [{"kind": "mlp", "depth": 1, "width": 16}]},
    "prune": None,
    "publish": {"max_accuracy_drop": 1.0, "min_flops_cut": 0.0},
    "show": 0,
}
"""A job of which as little as can be is asked; tests ask more of the stage that they disturb."""


def store(home: Path) -> str:
    """Address of the runs of a home."""
    return f"sqlite:///{home / 'mlflow.db'}"


def recorded(uri: str, job: str) -> tuple[MlflowClient, dict[str, Run]]:
    """The runs of a job by their keys, none of them twice and none of them open."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(job)
    runs = list(client.search_runs([experiment.experiment_id], max_results=1000))
    keys = Counter(run.data.tags["secateur.key"] for run in runs)
    assert set(keys.values()) == {1}, keys
    assert "RUNNING" not in {run.info.status for run in runs}
    found = {run.data.tags["secateur.key"]: run for run in runs}
    assert found["job"].info.status == "FINISHED"
    return client, found


def points(client: MlflowClient, run: Run, metric: str) -> list[tuple[int, float]]:
    """Steps and values of a metric, as they were recorded."""
    return [
        (point.step, point.value) for point in client.get_metric_history(run.info.run_id, metric)
    ]


def whole_search(
    home: Path, job: str, trials: int, uri: str | None = None, failed: Collection[int] = ()
) -> SearchResult:
    """A search whose trials are all there, in its records and in MLflow, epoch by epoch.

    Args:
        home: of the job.
        job: its name.
        trials: that it was to train.
        uri: of the runs; those of the home where absent.
        failed: numbers of the trials that fail whenever they are tried.
    """
    client, runs = recorded(uri or store(home), job)
    keys = [key for key in runs if key.startswith("search/")]
    assert sorted(keys) == [f"search/trial-{number:04d}" for number in range(trials)]
    result = Ledger(home / job).read("search", SearchResult)
    assert result is not None
    assert [trial.number for trial in result.trials] == list(range(trials))
    for trial in result.trials:
        assert (trial.status == "failed") == (trial.number in failed), trial
        found = runs[f"search/trial-{trial.number:04d}"]
        reached = points(client, found, names.VALIDATION_ACCURACY)
        assert [step for step, _ in reached] == list(range(1, len(reached) + 1))
        if trial.status == "failed":
            assert found.info.status == "FAILED"
            continue
        # A trial that was killed begins again, and may then be stopped earlier than before.
        assert len(reached) == trial.epochs or trial.status == "stopped"
        # What is recorded is of this very trial, not of one that was chosen before a kill.
        assert reached[trial.epochs - 1][1] == trial.accuracy
        assert float(found.data.params["recipe.learning_rate"]) == trial.recipe.learning_rate
        assert (found.info.status == "FINISHED") == (trial.status == "finished")
    return result


def whole_pruning(
    home: Path, job: str, targets: Sequence[float], episodes: int, uri: str | None = None
) -> None:
    """A pruning whose episodes are all there, in its records and in MLflow, once and in order.

    Args:
        home: of the job.
        job: its name.
        targets: of its agents.
        episodes: of each of them.
        uri: of the runs; those of the home where absent.
    """
    client, runs = recorded(uri or store(home), job)
    agents = {key for key in runs if key.startswith("prune/")}
    assert agents == {f"prune/{target:g}/0" for target in targets}
    pruned = Ledger(home / job).read("prune", tuple[PruningResult, ...])
    assert pruned is not None
    assert [result.target for result in pruned] == list(targets)
    for result in pruned:
        assert [episode.number for episode in result.episodes] == list(range(episodes))
        rewards = points(client, runs[f"prune/{result.target:g}/0"], names.REWARD)
        assert rewards == [(episode.number, episode.reward) for episode in result.episodes]
