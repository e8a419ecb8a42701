"""What an analyst finds in MLflow of a job that was interrupted and went on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from math import isfinite
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run

from secateur.spaces import RecipeSpace, families
from secateur.spec import parse
from secateur.tracking import names

GUIDE = Path(__file__).parents[2] / "docs" / "tracking.md"
TRACKER_TAGS = {"secateur.job", "secateur.key"}
"""Those that runs are found by."""


@pytest.fixture(scope="module")
def by_key(runs: list[Run]) -> dict[str, Run]:
    return {run.data.tags["secateur.key"]: run for run in runs}


@pytest.fixture(scope="module")
def client(finished) -> MlflowClient:
    return MlflowClient(f"sqlite:///{finished.home / 'mlflow.db'}")


def test_every_metric_is_of_the_vocabulary(runs: list[Run]) -> None:
    for run in runs:
        own = {name for name in run.data.metrics if not name.startswith(names.SYSTEM)}
        assert own <= names.METRICS, run.info.run_name
        assert all(map(isfinite, run.data.metrics.values()))


def test_no_process_no_time_and_no_setting_is_a_metric(runs: list[Run]) -> None:
    for run in runs:
        words = {word for name in run.data.metrics for word in re.split(r"[/_]", name)}
        assert not words & {"pid", "timestamp", "date", "time", "config", "hostname", "iteration"}
        assert not set(run.data.metrics) & set(run.data.params)


def test_every_parameter_is_a_field_or_a_dimension(runs: list[Run], tiny: Path) -> None:
    job = yaml.safe_load(tiny.read_text())
    fields = {f"{field}." for field in parse(job).model_dump()} | {"name", "show"}
    spaces = {**families(), "recipe": RecipeSpace}
    known = (*fields, *(f"{group}." for group in spaces))
    for run in runs:
        for name in set(run.data.params) - names.PARAMETER_NAMES:
            assert name.startswith(known), f"{run.info.run_name}: {name}"


def test_every_tag_is_of_the_vocabulary(runs: list[Run]) -> None:
    for run in runs:
        own = {name for name in run.data.tags if not name.startswith("mlflow.")}
        assert own - TRACKER_TAGS <= names.RUN_TAGS, run.info.run_name


def test_the_job_says_what_it_is(by_key: dict[str, Run], client: MlflowClient, tiny: Path) -> None:
    job = by_key["job"]
    assert job.data.params["search.networks.lenet.width"] == "2.0"
    assert job.data.params["prune.targets"] == "[0.3, 0.5]"
    assert job.data.tags["version.secateur"]
    assert int(job.data.tags["machine.cores"]) >= 1
    file = client.download_artifacts(job.info.run_id, "job.yaml")
    assert parse(yaml.safe_load(Path(file).read_text())) == parse(yaml.safe_load(tiny.read_text()))


def test_the_job_reads_like_a_story(by_key: dict[str, Run]) -> None:
    told = by_key["job"].data.tags[names.NOTE]
    lines = dict(re.findall(r"^\*\*(\w+):\*\* (.+)$", told, re.MULTILINE))
    assert list(lines) == ["Tried", "Won", "Cost", "Gate", "Report"]
    assert lines["Tried"].startswith("3 networks")
    assert "on the test split" not in lines["Gate"]
    assert "CPU-hours" in lines["Cost"]
    assert "begun 2 times" in lines["Cost"]
    assert lines["Gate"].endswith("tiny version 1 is champion.")


def test_stages_are_described_in_a_line(by_key: dict[str, Run]) -> None:
    for stage in ("search", "prune", "finetune", "evaluate", "publish"):
        told = by_key[stage].data.tags[names.NOTE]
        assert told
        assert "\n" not in told


def test_splits_and_the_model_are_linked(by_key: dict[str, Run], client: MlflowClient) -> None:
    job = by_key["job"]
    images = {
        entry.tags[0].value: json.loads(entry.dataset.profile)["images"]
        for entry in job.inputs.dataset_inputs
    }
    # Of 1,797 digits a fifth is for testing; of 400 others a fifth is for validation.
    assert images == {"train": 320, "validation": 80, "test": 359}
    version = client.get_model_version("tiny", job.data.tags["model.version"])
    linked = [f"models:/{output.model_id}" for output in job.outputs.model_outputs]
    assert linked == [version.source]


def test_what_it_cost(by_key: dict[str, Run]) -> None:
    stages = [
        by_key[stage].data.metrics[names.CPU_HOURS]
        for stage in ("search", "prune", "finetune", "evaluate", "publish")
    ]
    assert all(hours > 0 for hours in stages)
    job = by_key["job"].data.metrics
    assert job[names.CPU_HOURS] >= sum(stages)
    assert job[names.HOURS] > 0


def test_the_machine_was_watched(by_key: dict[str, Run], client: MlflowClient) -> None:
    name = "system/cpu_utilization_percentage"
    points = client.get_metric_history(by_key["job"].info.run_id, name)
    steps = [point.step for point in points]
    # A sample at least each time that the job was begun.
    assert len(steps) >= 2
    assert steps == list(range(len(steps)))


def test_winners_are_marked(by_key: dict[str, Run], finished) -> None:
    folder = finished.home / "tiny"
    searched = json.loads((folder / "search.json").read_text())
    evaluation = json.loads((folder / "evaluate.json").read_text())
    target = evaluation["compressed"][evaluation["chosen"]]["target"]
    marked = {key for key, run in by_key.items() if run.data.tags.get(names.WINNER) == "true"}
    trial = f"search/trial-{searched['best']['number']:04d}"
    assert marked == {
        trial, f"prune/{target:g}/0", f"finetune/{target:g}", f"evaluate/{target:g}"
    }  # fmt: skip


def test_dense_and_compressed_have_figures_of_their_own(by_key: dict[str, Run], finished) -> None:
    evaluation = json.loads((finished.home / "tiny" / "evaluate.json").read_text())
    for model in (evaluation["dense"], *evaluation["compressed"]):
        metrics = by_key[f"evaluate/{model['target']:g}"].data.metrics
        assert metrics["test/accuracy"] == model["figures"]["accuracy"]
        assert metrics["cost/flops"] == model["figures"]["flops"]
    job = by_key["job"].data.metrics
    assert job["dense/cost/flops"] == evaluation["dense"]["figures"]["flops"]


def test_what_ended_early_says_why(by_key: dict[str, Run]) -> None:
    for run in by_key.values():
        if run.info.status != "FINISHED":
            assert run.data.tags[names.STOP_REASON], run.info.run_name


def test_the_version_says_where_it_comes_from(
    client: MlflowClient, by_key: dict[str, Run], finished
) -> None:
    version = client.get_model_version("tiny", "1")
    own = {name for name in version.tags if not name.startswith("secateur.")}
    assert own <= names.VERSION_TAGS
    assert {"policy", "parent.run", "parent.manifest_sha256", "data.digest", "target"} <= own
    assert client.get_run(version.tags["parent.run"]).data.tags[names.WINNER] == "true"
    assert by_key["publish"].info.run_id == version.run_id
    assert version.description.startswith("mlp") or "FLOPs -" in version.description


def test_the_guide_scores_the_champion(finished) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    program = program.replace("runs/", f"{finished.home}/").replace("digits@", "tiny@")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    # Probabilities of ten classes for one image, and the likeliest.
    shape, digit = done.stdout.splitlines()
    assert shape == "(1, 10)"
    assert digit in {str(number) for number in range(10)}


def test_the_guide_lists_the_vocabulary() -> None:
    listed = set(re.findall(r"`([\w./]+)`", GUIDE.read_text(encoding="utf-8")))
    dense = {name for name in names.METRICS if name.startswith("dense/")}
    assert names.METRICS - dense <= listed
    assert listed >= names.RUN_TAGS
    assert listed >= names.VERSION_TAGS - names.METRICS
