"""A generative job from data to images over HTTP, interrupted once: real Ray, MLflow and Serve."""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run
from PIL import Image

from secateur import manifest
from secateur.tracking import names

# The whole job twice over, which a busy machine takes minutes for.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STAGES = ["search", "prune", "recover", "evaluate", "publish"]
SPEC = {
    "name": "tiny-gan",
    "task": "generation",
    "data": {"kind": "digits"},
    "search": {
        "trials": 3,
        "steps": 60,
        "interval": 10,
        "judge_every": 3,
        "images": 300,
        "networks": [{"kind": "dcgan", "latent": 16, "width": [4, 8], "critic_width": 8}],
        "recipe": {"precision": "float32", "ema": 0.9},
    },
    "prune": {"targets": [0.3, 0.5], "episodes": 3, "round_to": 1, "rerank": 2},
    "recover": {"steps": 20, "interval": 10, "rerank_steps": 10},
    "publish": {"max_distance_ratio": 1000, "min_flops_cut": 0.3, "allow_collapsed": True},
    "show": 9,
}


@dataclass(frozen=True)
class Done:
    """What two runs of the job printed, the first interrupted after its search."""

    folder: Path
    first: str
    first_code: int
    second: str
    second_code: int


@pytest.fixture(scope="module")
def done(secateur, home: Path) -> Done:
    path = home / "tiny-gan.yaml"
    path.write_text(yaml.safe_dump(SPEC))
    process, told = secateur("run", path), []
    for line in process.stdout:
        told.append(line)
        if line.startswith("search    3 trials"):
            os.killpg(process.pid, signal.SIGINT)
            break
    rest, _ = process.communicate()
    again = secateur("run", path)
    second, _ = again.communicate()
    first = "".join(told) + rest
    return Done(home / "tiny-gan", first, process.returncode, second, again.returncode)


@pytest.fixture(scope="module")
def runs(done: Done) -> dict[str, Run]:
    client = MlflowClient(f"sqlite:///{done.folder.parent / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny-gan")
    found = client.search_runs([experiment.experiment_id])
    return {run.data.tags["secateur.key"]: run for run in found}


def test_it_stops_cleanly_and_goes_on_to_its_end(done: Done) -> None:
    assert done.first_code == 130, done.first
    assert "Traceback" not in done.first
    assert done.second_code == 0, done.second
    lines = [line.split()[0] for line in done.second.splitlines() if line[:1].isalpha()]
    assert [line for line in lines if line in STAGES] == STAGES
    assert re.search(r"^search .*\[kept\]$", done.second, re.MULTILINE)
    assert "tiny-gan version 1 is champion" in done.second


def test_every_stage_left_its_record(done: Done) -> None:
    assert {path.stem for path in done.folder.glob("*.json")} >= {"job", *STAGES}
    for model in ("dense", "flops-0.3", "flops-0.5"):
        figures = manifest.read(done.folder / "models" / model).figures
        assert figures is not None
        assert figures.likeness.images == 300
    pruned = json.loads((done.folder / "prune.json").read_text())
    assert all(one["flops"] <= (1 - one["target"]) * one["dense_flops"] for one in pruned)


def test_the_champion_made_images_over_http(done: Done) -> None:
    assert "tiny-gan@champion answers at http://127.0.0.1:" in done.second
    with Image.open(done.folder / "served.png") as grid:
        assert min(grid.size) >= 3 * 8


def test_mlflow_holds_one_closed_run_for_everything(runs: dict[str, Run]) -> None:
    expected = {"job", *STAGES, *(f"search/trial-{number:04d}" for number in range(3))}
    for target in ("0.3", "0.5"):
        expected |= {f"prune/{target}/0", f"finetune/{target}", f"evaluate/{target}"}
    assert set(runs) == expected | {"evaluate/0"}
    assert {run.info.status for run in runs.values()} <= {"FINISHED", "KILLED"}
    assert runs["job"].info.status == "FINISHED"


def test_every_metric_and_parameter_is_of_the_vocabulary(runs: dict[str, Run]) -> None:
    fields = (*(f"{field}." for field in SPEC), "dcgan.", "limits.", "recipe.", "recover.")
    further = (names.SYSTEM, names.FURTHER)
    for run in runs.values():
        own = {name for name in run.data.metrics if not name.startswith(further)}
        assert own <= names.METRICS, run.info.run_name
        for name in set(run.data.params) - names.PARAMETER_NAMES - set(SPEC):
            assert name.startswith(fields), f"{run.info.run_name}: {name}"


def test_trials_and_recoveries_have_distances_and_grids_by_step(
    done: Done, runs: dict[str, Run]
) -> None:
    client = MlflowClient(f"sqlite:///{done.folder.parent / 'mlflow.db'}")
    best = json.loads((done.folder / "search.json").read_text())["best"]["number"]
    for key, steps in ((f"search/trial-{best:04d}", [30, 60]), ("finetune/0.5", [20])):
        run = runs[key].info.run_id
        points = client.get_metric_history(run, names.VALIDATION_DISTANCE)
        assert [point.step for point in points] == steps
        grids = [file.path for file in client.list_artifacts(run, "samples")]
        assert grids == [f"samples/step-{step:06d}.png" for step in steps]
    assert runs[f"search/trial-{best:04d}"].data.tags[names.WINNER] == "true"


def test_the_job_reads_like_a_story(runs: dict[str, Run]) -> None:
    told = runs["job"].data.tags[names.NOTE]
    lines = dict(re.findall(r"^\*\*(\w+):\*\* (.+)$", told, re.MULTILINE))
    assert list(lines) == ["Tried", "Won", "Cost", "Gate", "Report"]
    assert lines["Tried"].startswith("3 networks")
    assert lines["Gate"].endswith("tiny-gan version 1 is champion.")


def test_a_finished_job_is_not_done_again(done: Done, secateur) -> None:
    output, _ = secateur("run", done.folder.parent / "tiny-gan.yaml").communicate()
    assert output.count("[kept]") == len(STAGES)


def test_status_report_and_compare(done: Done, secateur) -> None:
    status, _ = secateur("status", "tiny-gan").communicate()
    assert "publish, 5 of 5" in status
    process = secateur("report", "tiny-gan")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert output.strip() in done.second
    compared = secateur("compare", "tiny-gan")
    told, _ = compared.communicate()
    assert compared.returncode == 0, told
    assert told.startswith("tiny-gan\n========\n\nGeneration of ")


def test_serve_and_generate(done: Done, secateur, tmp_path: Path) -> None:
    server = secateur("serve", "--port", "0")
    line = server.stdout.readline()
    assert line.startswith("tiny-gan at http://127.0.0.1:"), line
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for file in files:
        client = secateur(
            *("generate", "--model", "tiny-gan", "--n", 4, "--seed", 7),
            *("--output", file, "--url", line.split()[2]),
        )
        told, _ = client.communicate()
        assert client.returncode == 0, told
    assert files[0].read_bytes() == files[1].read_bytes()
    server.send_signal(signal.SIGTERM)
    rest, _ = server.communicate()
    assert server.returncode == 0, rest
