"""A whole job whose tracking server is never there, and what catches up with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

pytestmark = pytest.mark.slow

ABSENT = "http://ann:secret@127.0.0.1:9"


def test_a_job_without_its_server(secateur, tiny: Path, home: Path) -> None:
    """It does every stage but the last, says why once, and ``sync`` does the rest."""
    spec = home / "away.yaml"
    spec.write_text(yaml.safe_dump(yaml.safe_load(tiny.read_text()) | {"name": "away", "show": 0}))
    job = secateur("run", spec, tracking=ABSENT)
    output, _ = job.communicate()
    assert job.returncode == 1, output
    assert output.count("does not answer") == 2, output  # the one line, and the error
    said, error = [line for line in output.splitlines() if "does not answer" in line]
    assert said.startswith("tracking: http://127.0.0.1:9 does not answer: Connection refused")
    assert error.startswith("secateur: error: publish: http://127.0.0.1:9 does not answer")
    assert "secateur sync away" in error
    assert "secret" not in output
    assert not (home / "mlflow.db").exists()

    again = secateur("sync", "away")
    output, _ = again.communicate()
    assert again.returncode == 0, output
    assert "away version 1 is champion" in output
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("away").experiment_id])
    keys = [run.data.tags["secateur.key"] for run in runs]
    assert len(keys) == len(set(keys))
    assert {"job", "search", "search/trial-0002", "prune/0.5/0", "finetune/0.5"} < set(keys)
    assert "RUNNING" not in {run.info.status for run in runs}
    for run in runs:
        if run.data.tags["secateur.key"].startswith("prune/"):
            points = client.get_metric_history(run.info.run_id, "episode/reward")
            assert [point.step for point in points] == [0, 1, 2]

    last = secateur("sync", "away")
    output, _ = last.communicate()
    assert output == "away: nothing to send\n"
