"""A regression from its pairs to its registered model, pruned and not, with real Ray and MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from mlflow import MlflowClient

from secateur import manifest

pytestmark = pytest.mark.slow

JOB: dict[str, Any] = {
    "name": "adder",
    "data": {"kind": "arithmetic", "pairs": 1000, "low": 0, "high": 100},
    "search": {
        "trials": 2,
        "epochs": 6,
        "scheduler": "none",
        "networks": [{"kind": "mlp", "depth": 2, "width": 16}],
        "recipe": {"learning_rate": 0.02, "batch_size": 16, "loss": ["mse", "mae"],
                   "optimizer": "adam", "patience": 3},
    },
    "prune": {"targets": [0.3], "episodes": 3, "round_to": 1, "agent": "random"},
    "finetune": {"epochs": 4},
    "publish": {"min_accuracy": 0.8, "max_accuracy_drop": 0.1},
}  # fmt: skip
DENSE = JOB | {"name": "dense", "prune": None}


@pytest.mark.parametrize("job", [JOB, DENSE], ids=["pruned", "dense"])
def test_a_regression_is_measured_and_published(
    job: dict[str, Any], secateur, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(yaml.safe_dump(job))
    process = secateur("run", file)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    (headings,) = [line for line in output.splitlines() if "MSE" in line]
    assert headings.split()[:3] == ["R²", "MSE", "MAE"]
    champion = "flops-0.3" if job["prune"] else "dense"
    content = manifest.read(home / job["name"] / "models" / champion)
    assert (content.task, content.labels, content.scale) == ("regression", (), 200)
    assert content.figures is not None
    assert content.figures.accuracy > 0.8
    # R² is what is left of the variance of sums of whole numbers from 0 to 100, 2·850.
    assert content.figures.mse == pytest.approx(1700 * (1 - content.figures.accuracy), rel=0.3)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == job["name"]]
    runs = client.search_runs([experiment.experiment_id])
    (run,) = [run for run in runs if run.data.tags["secateur.key"] == "job"]
    assert run.data.metrics["test/r2"] == pytest.approx(content.figures.accuracy)
    assert run.data.metrics["test/mae"] == pytest.approx(content.figures.mae)
    assert "test/accuracy" not in run.data.metrics
    stages = {run.data.tags["secateur.key"].split("/")[0] for run in runs}
    assert ("prune" in stages, "finetune" in stages) == (bool(job["prune"]),) * 2
