"""Jobs that are killed, and go on with an empty home, as on another machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

from search.ledger import Ledger
from secateur.records import FinetuneResult, PruningResult, SearchResult
from secateur.tracking import names
from tests.chaos.conftest import home, run
from tests.search.storage.conftest import Server

__all__ = ["home", "run"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TRIALS, EPOCHS, EPISODES, TUNED = 6, 3, 30, 3

SPEC: dict[str, Any] = {
    "name": "tiny",
    "data": {"kind": "digits", "limit": 300},
    "search": {
        "trials": TRIALS,
        "epochs": EPOCHS,
        "parallel": 2,
        "scheduler": "none",
        "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 2}, "width": [16, 32]}],
    },
    "prune": {"targets": [0.5], "episodes": EPISODES, "round_to": 2},
    "finetune": {"epochs": TUNED},
    "publish": {"max_accuracy_drop": 1.0},
}


GAN: dict[str, Any] = {
    "name": "gan",
    "task": "generation",
    "data": {"kind": "digits"},
    "search": {
        "trials": 2,
        "steps": 40,
        "interval": 10,
        "judge_every": 2,
        "images": 200,
        "networks": [{"kind": "dcgan", "latent": 16, "width": 8, "critic_width": 8}],
        "recipe": {"precision": "float32"},
    },
    "prune": {"agent": "random", "targets": [0.5], "episodes": 2, "round_to": 1, "rerank": 1},
    "recover": {"steps": 20, "interval": 10, "rerank_steps": 10},
    "publish": {"max_distance_ratio": 1000, "allow_collapsed": True},
}


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    return path


@pytest.fixture
def cluster(bucket: Server, tmp_path: Path) -> dict[str, str]:
    """What all machines have in their environment: a bucket and a tracking store."""
    return bucket.environment | {
        "SECATEUR_STORAGE": f"s3://jobs/{tmp_path.name}",
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'mlflow.db'}",
    }


def recorded(tmp_path: Path) -> tuple[MlflowClient, dict[str, Run]]:
    """The runs of the job by their keys, none of them twice and none of them open."""
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny")
    runs = list(client.search_runs([experiment.experiment_id], max_results=1000))
    keys = Counter(run.data.tags["secateur.key"] for run in runs)
    assert set(keys.values()) == {1}, keys
    assert {run.info.status for run in runs} == {"FINISHED"}
    return client, {run.data.tags["secateur.key"]: run for run in runs}


def check(home: Path, tmp_path: Path) -> None:
    """All that was asked for is there, in the records and in MLflow, and nothing twice."""
    ledger = Ledger(home / "tiny")
    searched = ledger.read("search", SearchResult)
    (pruned,) = ledger.read("prune", tuple[PruningResult, ...]) or ()
    (tuned,) = ledger.read("finetune", tuple[FinetuneResult, ...]) or ()
    assert searched is not None
    assert [trial.number for trial in searched.trials] == list(range(TRIALS))
    assert [trial.epochs for trial in searched.trials] == [EPOCHS] * TRIALS
    assert [episode.number for episode in pruned.episodes] == list(range(EPISODES))
    assert len(tuned.epochs) == TUNED

    client, runs = recorded(tmp_path)
    stages = {"job", "search", "prune", "finetune", "evaluate", "publish"}
    assert stages <= runs.keys()
    for number in range(TRIALS):
        assert steps(client, runs[f"search/trial-{number:04d}"], names.VALIDATION_ACCURACY) == [
            1,
            2,
            3,
        ]
    assert steps(client, runs["prune/0.5/0"], names.REWARD) == list(range(EPISODES))
    assert steps(client, runs["finetune/0.5"], names.TRAIN_LOSS) == [1, 2, 3]


def steps(client: MlflowClient, run: Run, metric: str) -> list[int]:
    return sorted(point.step for point in client.get_metric_history(run.info.run_id, metric))


@pytest.mark.parametrize(
    ("stage", "after"), [("search/", 9), ("prune/", 16), ("finetune/", 3), ("evaluate", 1)]
)
def test_a_job_that_was_killed_goes_on_on_another_machine(
    stage: str, after: int, run, home: Path, job: Path, cluster, bucket: Server, tmp_path: Path
) -> None:
    """Its home is empty, its bucket and its tracking store are what the first one left."""
    # A second: what was recorded at the moment of the death may lack its copy.
    code, output = run(job, stage, after, 1.0, **cluster)
    assert code == -signal.SIGKILL, output
    shutil.rmtree(home)
    code, output = run(job, **cluster)
    assert code == 0, output
    assert "goes on from s3://jobs/" in output
    check(home, tmp_path)
    kept = bucket.names(f"{tmp_path.name}/tiny")
    assert {"publish.json", "report.html", "models/dense/model.onnx",
            "models/flops-0.5/model.onnx", "tracking/operations.jsonl"} <= kept  # fmt: skip
    assert any(name.startswith("agents/target-0.5-seed-0/") for name in kept)
    assert any(name.startswith("tune/") for name in kept)


def test_a_generative_job_goes_on_on_another_machine(
    run, home: Path, cluster, bucket: Server, tmp_path: Path
) -> None:
    job = tmp_path / "gan.yaml"
    job.write_text(yaml.safe_dump(GAN), encoding="utf-8")
    code, output = run(job, "recover", 3, 0.5, **cluster)
    assert code == -signal.SIGKILL, output
    shutil.rmtree(home)
    code, output = run(job, **cluster)
    assert code == 0, output
    assert output.count("[kept]") == 2, output
    kept = bucket.names(f"{tmp_path.name}/gan")
    assert {"samples.npz", "samples-0.5.npz", "models/flops-0.5/model.onnx"} <= kept


def test_a_bucket_that_is_away_for_a_minute_delays_nothing_for_good(
    home: Path, job: Path, cluster, bucket: Server, tmp_path: Path, ray_folder: str
) -> None:
    """No request is answered while the search begins; then another machine finds all of it."""
    own = {"SECATEUR_HOME": str(home), "RAY_TMPDIR": ray_folder}
    command = [sys.executable, "-u", "-m", "search", "run", str(job)]
    with subprocess.Popen(
        command, env=os.environ | cluster | own, cwd=tmp_path, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        try:
            while not (home / "tiny" / "tracking" / "operations.jsonl").exists():
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.1)
            with bucket.away(), pytest.raises(subprocess.TimeoutExpired):
                process.wait(60)
            output, _ = process.communicate(timeout=600)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output
    check(home, tmp_path)
    before = Ledger(home / "tiny").read("search", SearchResult)
    shutil.rmtree(home)
    again = subprocess.run(
        command, env=os.environ | cluster | own, cwd=tmp_path, check=False, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert (again.returncode, again.stdout.count("[kept]")) == (0, 5), again.stdout
    assert Ledger(home / "tiny").read("search", SearchResult) == before


@pytest.fixture
def ray_folder() -> Iterator[str]:
    """A short path, for Ray's sockets."""
    with tempfile.TemporaryDirectory(
        prefix="ray", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        yield folder
