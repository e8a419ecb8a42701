from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from secateur.tracking.mlflow_tracker import MLflowTracker


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def tracker(uri: str, tmp_path: Path, request: pytest.FixtureRequest) -> MLflowTracker:
    return MLflowTracker(uri, request.node.name, "a", (tmp_path / "files").as_uri())


def again(tracker: MLflowTracker, uri: str, request: pytest.FixtureRequest) -> MLflowTracker:
    """The tracker of a process that goes on with the same job."""
    tracker.flush()
    return MLflowTracker(uri, request.node.name, "a")


def test_runs_form_a_tree(tracker: MLflowTracker, uri: str) -> None:
    job = tracker.start("job", name="digits")
    trial = tracker.start("trial", name="trial-0", parent=job, parameters={"width": 8})
    run = MlflowClient(uri).get_run(trial)
    assert run.data.tags["mlflow.parentRunId"] == job
    assert run.data.params == {"width": "8"}
    assert run.info.status == "RUNNING"


def test_metrics_keep_their_steps(tracker: MLflowTracker, uri: str) -> None:
    run = tracker.start("job", name="digits")
    for step, value in enumerate((0.5, 0.25, 0.75)):
        tracker.log(run, {"reward": value}, step)
    tracker.end(run, reason="full budget")
    history = MlflowClient(uri).get_metric_history(run, "reward")
    assert [(point.step, point.value) for point in history] == [(0, 0.5), (1, 0.25), (2, 0.75)]
    ended = MlflowClient(uri).get_run(run)
    assert ended.info.status == "FINISHED"
    assert ended.data.tags["stop_reason"] == "full budget"


def test_a_job_that_goes_on_doubles_neither_run_nor_step(
    tracker: MLflowTracker, uri: str, request: pytest.FixtureRequest
) -> None:
    run = tracker.start("job", name="digits", parameters={"seed": 0})
    tracker.log(run, {"reward": 0.5}, 0)
    tracker.log(run, {"reward": 0.6}, 1)
    tracker.end(run, "KILLED")
    second = again(tracker, uri, request)
    assert second.start("job", name="digits", parameters={"seed": 0}) == run
    assert MlflowClient(uri).get_run(run).info.status == "RUNNING"
    second.log(run, {"reward": 0.9}, 1)
    second.log(run, {"reward": 0.7}, 2)
    second.end(run)
    history = MlflowClient(uri).get_metric_history(run, "reward")
    assert [(point.step, point.value) for point in history] == [(0, 0.5), (1, 0.6), (2, 0.7)]


def test_a_job_begun_again_has_runs_of_its_own(
    tracker: MLflowTracker, uri: str, request: pytest.FixtureRequest
) -> None:
    first = tracker.start("job", name="digits")
    assert MLflowTracker(uri, request.node.name, "b").start("job", name="digits") != first


def test_end_all_leaves_nothing_running(tracker: MLflowTracker, uri: str) -> None:
    job = tracker.start("job", name="digits")
    stage = tracker.start("search", name="search", parent=job)
    done = tracker.start("trial", name="trial-0", parent=stage)
    tracker.end(done)
    tracker.end_all("KILLED", "KeyboardInterrupt")
    statuses = [MlflowClient(uri).get_run(run).info.status for run in (job, stage, done)]
    assert statuses == ["KILLED", "KILLED", "FINISHED"]


def test_files_lie_with_their_run(tracker: MLflowTracker, uri: str, tmp_path: Path) -> None:
    run = tracker.start("job", name="digits")
    picture = tmp_path / "rewards.png"
    picture.write_bytes(b"png")
    tracker.attach(run, picture, "pictures")
    listed = MlflowClient(uri).list_artifacts(run, "pictures")
    assert [file.path for file in listed] == ["pictures/rewards.png"]
