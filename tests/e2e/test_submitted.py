"""A job on a Ray cluster with a token: submitted, watched, stopped, resumed and finished."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from search.ledger import Ledger
from secateur.records import SearchResult
from tests.serving.jobs.head import BIN, Head

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TRIALS = 4
SPEC = f"""
name: tiny
data: {{kind: digits, limit: 400}}
search:
  trials: {TRIALS}
  epochs: 3
  networks: [{{kind: mlp, depth: 1, width: 32}}]
prune: {{targets: [0.3], episodes: 3, round_to: 2}}
finetune: {{epochs: 1}}
publish: {{max_accuracy_drop: 1.0, min_flops_cut: 0.3}}
"""

NOWHERE = "name: nowhere\ndata: {kind: image-folder, root: /nowhere}\n"

Secateur = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def secateur(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Secateur:
    """Runs the command of somebody who has the cluster's address and token, and nothing else."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "tiny.yaml").write_text(SPEC)
    (folder / "other.yaml").write_text(SPEC + "seed: 1\n")
    (folder / "nowhere.yaml").write_text(NOWHERE)
    usual = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment = usual | head.environment | {"SECATEUR_ADDRESS": head.url, "HOME": str(folder)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "secateur", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )

    return run


def test_a_job_from_submission_to_the_end(head: Head, home: Path, secateur: Secateur) -> None:
    submitted = secateur("submit", "tiny.yaml")
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    first, second = submitted.stdout.splitlines()
    assert first == "tiny: submitted, attempt 1"
    assert second.startswith("tiny runs on 1 node, 2 CPUs; ")

    again = secateur("submit", "tiny.yaml")
    assert again.stdout == "tiny: running, attempt 1; nothing new was started\n"
    other = secateur("submit", "other.yaml")
    assert other.returncode == 2
    assert "'tiny' was submitted with another spec" in other.stderr

    with closing(head.cluster.logs("tiny", follow=True)) as lines:
        assert any(line.startswith("  search ") for line in lines)  # some trials have ended
    stopped = secateur("stop", "tiny")
    assert stopped.stdout == "tiny: stopped; secateur resume tiny goes on\n"
    # Its process was not killed, but had the time to save its state and say so.
    assert "secateur: stopped; " in secateur("logs", "tiny").stdout.splitlines()[-1]
    assert "job" not in states(home, "RUNNING")
    assert "job" in states(home, "KILLED")

    resumed = secateur("resume", "tiny")
    assert resumed.stdout.splitlines()[0] == "tiny: submitted, attempt 2", resumed.stderr
    followed = secateur("logs", "tiny", "--follow")
    assert followed.returncode == 0, followed.stdout
    assert "tiny version 1 is champion" in followed.stdout
    assert "answers at http" not in followed.stdout  # no demonstration on a cluster

    searched = Ledger(home / "tiny").read("search", SearchResult)
    assert searched is not None
    assert [trial.number for trial in searched.trials] == list(range(TRIALS))
    kept = [key for state in ("FINISHED", "KILLED", "FAILED") for key in states(home, state)]
    assert len(kept) == len(set(kept))
    assert sum(key.startswith("search/trial-") for key in kept) == TRIALS
    assert "job" in states(home, "FINISHED")
    assert not states(home, "RUNNING")

    done = secateur("submit", "tiny.yaml")
    assert done.returncode == 0
    assert done.stdout == "tiny: succeeded, attempt 2; nothing new was started\n"
    assert secateur("status").stdout.splitlines()[1].split()[:3] == ["tiny", "succeeded", "2"]


def test_what_only_the_cluster_can_know_to_be_wrong(home: Path, secateur: Secateur) -> None:
    done = secateur("submit", "nowhere.yaml")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout.splitlines()[0] == "nowhere: submitted, attempt 1"
    assert "nowhere: failed: data.root: '/nowhere' is not usable" in done.stdout.splitlines()[1]
    assert not (home / "nowhere").exists()


def states(home: Path, state: str) -> list[str]:
    """Keys of the job's runs in MLflow that are in a state."""
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny")
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    return [run.data.tags["secateur.key"] for run in runs if run.info.status == state]
