"""The whole path once, with real Ray, MLflow and Serve, interrupted in the middle."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from sklearn.datasets import load_digits

from search.show import png
from secateur import manifest
from secateur.data import load
from secateur.spec import DigitsData

STAGES = ["search", "prune", "finetune", "evaluate", "publish"]


@pytest.fixture(scope="module")
def home(finished) -> Path:
    """Commands find the finished job."""
    return finished.home


def test_ctrl_c_stops_cleanly(finished) -> None:
    assert finished.first_code == 130, finished.first
    assert "secateur: stopped; the same command goes on from here" in finished.first
    assert "Traceback" not in finished.first


def test_the_job_goes_on_and_ends_well(finished) -> None:
    assert finished.second_code == 0, finished.second
    lines = [line.split()[0] for line in finished.second.splitlines() if line[:1].isalpha()]
    assert [line for line in lines if line in STAGES] == STAGES
    assert "on the validation split  [kept]" in finished.second
    assert "tiny version 1 is champion" in finished.second


def test_the_champion_answered_over_http(finished) -> None:
    answers = [line for line in finished.second.splitlines() if "test image" in line]
    assert len(answers) == 2
    assert all("truth" in line for line in answers)
    assert "tiny@champion answers at http://127.0.0.1:" in finished.second


def test_the_summary_says_how_to_go_on(finished) -> None:
    assert "FLOPs -50%" in finished.second
    assert "secateur ui" in finished.second
    assert "secateur serve" in finished.second


def test_every_stage_left_its_record_and_no_half_ones(finished, home: Path) -> None:
    folder = home / "tiny"
    records = {path.stem for path in folder.glob("*.json")}
    assert records >= {"job", *STAGES}
    assert not any(name.startswith(".") for name in records)
    pruned = json.loads((folder / "prune.json").read_text())
    for result in pruned:
        assert len(result["episodes"]) == 3
        assert result["flops"] <= (1 - result["target"]) * result["dense_flops"]
    for model in ("dense", "flops-0.3", "flops-0.5"):
        assert manifest.read(folder / "models" / model).figures is not None
    assert (folder / "pictures" / "rewards.png").stat().st_size > 10_000


def test_the_best_of_the_finished_trials_won(finished, home: Path) -> None:
    searched = json.loads((home / "tiny" / "search.json").read_text())
    full = [trial for trial in searched["trials"] if trial["status"] == "finished"]
    assert searched["best"]["accuracy"] == max(trial["accuracy"] for trial in full)


def test_mlflow_holds_one_closed_run_for_everything(runs: list[Run]) -> None:
    keys = sorted(run.data.tags["secateur.key"] for run in runs)
    assert keys == sorted(
        [
            "job",
            *STAGES,
            *(f"search/trial-{number:04d}" for number in range(3)),
            *(key for target in (0.3, 0.5) for key in (f"prune/{target}/0", f"finetune/{target}")),
            *(f"evaluate/{target}" for target in ("0", "0.3", "0.5")),
        ]
    )
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
    (job,) = [run for run in runs if run.data.tags["secateur.key"] == "job"]
    assert job.info.status == "FINISHED"
    assert 0 < job.data.metrics["test/accuracy"] <= 1
    data = load(DigitsData(limit=400), seed=0)
    assert job.data.params["data.digest"] == data.digest
    assert job.data.params["data.split_digest"] == data.split_digest
    assert job.data.params["data.skipped"] == "0"


def test_episodes_and_epochs_are_logged_once_each(runs: list[Run], home: Path) -> None:
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    for run in runs:
        key = run.data.tags["secateur.key"]
        if key.startswith("prune/"):
            points = client.get_metric_history(run.info.run_id, "episode/reward")
            assert [point.step for point in points] == [0, 1, 2]
        if key.startswith("finetune/"):
            points = client.get_metric_history(run.info.run_id, "validation/accuracy")
            assert [point.step for point in points] == [1, 2]


def test_a_finished_job_is_not_done_again(finished, secateur, tiny: Path) -> None:
    output, _ = secateur("run", tiny).communicate()
    assert output.count("[kept]") == len(STAGES)
    assert "tiny version 1 is champion" in output


def test_report_prints_the_table_again(finished, secateur) -> None:
    process = secateur("report", "tiny")
    output, _ = process.communicate()
    assert process.returncode == 0
    assert output.strip() in finished.second


def test_a_changed_spec_under_the_same_name_is_refused(
    finished, secateur, tiny: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(tiny.read_text().replace("epochs: 2", "epochs: 1"))
    process = secateur("run", changed)
    output, _ = process.communicate()
    assert process.returncode == 2
    assert "finetune.epochs (2, now 1)" in output


def test_serve_and_predict(finished, secateur, tmp_path: Path) -> None:
    server = secateur("serve", "--port", "0")
    line = server.stdout.readline()
    assert line.startswith("tiny at http://127.0.0.1:"), line
    image = tmp_path / "digit.png"
    image.write_bytes(png((load_digits().images[0] * 255 / 16).astype("uint8")[None]))
    client = secateur("predict", "--model", "tiny", "--url", line.split()[2], image)
    answer, _ = client.communicate()
    assert client.returncode == 0, answer
    assert answer.startswith(f"{image}: ")
    unknown = secateur("predict", "--model", "huge", "--url", line.split()[2], image)
    refusal, _ = unknown.communicate()
    assert unknown.returncode == 1
    assert "404" in refusal
    server.send_signal(signal.SIGTERM)
    rest, _ = server.communicate()
    assert server.returncode == 0, rest
    assert "Traceback" not in rest


def test_the_ui_shows_the_runs(finished, secateur) -> None:
    process = secateur("ui", "--port", "0")
    assert process.stdout.readline().startswith("runs at http://127.0.0.1:")
    for line in process.stdout:
        if "Application startup complete" in line:
            break
    else:
        pytest.fail(f"the UI ended with {process.wait()}")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate()
