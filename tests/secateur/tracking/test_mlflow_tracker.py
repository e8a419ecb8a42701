"""The tracker of a job on a real store."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from secateur.tracking.mlflow_tracker import MLflowTracker
from secateur.tracking.outbox import INTERRUPTED
from secateur.tracking.port import UsedData

Open = Callable[..., MLflowTracker]


@pytest.fixture
def job(
    uri: str, artifact_root: str | None, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Opens the tracker of a process of this test's job; of another beginning by its letter."""
    opened: list[MLflowTracker] = []

    def begin(letter: str = "a", folder: str = "job") -> MLflowTracker:
        for before in opened:
            before.settle()
            before.close()
        where = tmp_path / folder / "tracking"
        name = f"tracker {request.node.name}"
        opened.append(MLflowTracker(uri, name, letter, where, artifact_root, gather_s=0))
        return opened[-1]

    yield begin
    for tracker in opened:
        tracker.close()


@pytest.fixture
def client(uri: str) -> MlflowClient:
    return MlflowClient(uri)


def steps(client: MlflowClient, run: str, metric: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client.get_metric_history(run, metric)]


def test_runs_form_a_tree(job: Open, client: MlflowClient) -> None:
    tracker = job()
    root = tracker.start("job", name="digits")
    trial = tracker.start("trial", name="trial-0", parent=root, parameters={"width": 8})
    run = client.get_run(tracker.run_id(trial))
    assert run.data.tags["mlflow.parentRunId"] == tracker.run_id(root)
    assert run.data.params == {"width": "8"}
    assert run.info.status == "RUNNING"
    assert run.info.run_name == "trial-0"


def test_metrics_keep_their_steps(job: Open, client: MlflowClient) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    for step, value in enumerate((0.5, 0.25, 0.75)):
        tracker.log(run, {"reward": value}, step)
    tracker.end(run, reason="full budget")
    ended = client.get_run(tracker.run_id(run))
    assert steps(client, ended.info.run_id, "reward") == [(0, 0.5), (1, 0.25), (2, 0.75)]
    assert ended.info.status == "FINISHED"
    assert ended.data.tags["stop_reason"] == "full budget"


def test_a_diverged_loss_is_recorded(job: Open, client: MlflowClient) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    tracker.log(run, {"loss": math.nan}, 1)
    ((step, value),) = steps(client, tracker.run_id(run), "loss")
    assert step == 1
    assert math.isnan(value)


def test_more_than_one_call_may_hold(job: Open, client: MlflowClient) -> None:
    """MLflow takes 100 parameters, 100 tags and 1,000 metrics at once."""
    tracker = job()
    parameters: dict[str, Any] = {f"p{number}": number for number in range(150)}
    tags = {f"t{number}": "x" for number in range(150)}
    run = tracker.start("job", name="digits", parameters=parameters)
    tracker.tag(run, tags)
    for step in range(30):
        tracker.log(run, {f"m{number}": step for number in range(50)}, step)
    data = client.get_run(tracker.run_id(run)).data
    assert data.params == {name: str(value) for name, value in parameters.items()}
    assert tags.items() <= data.tags.items()
    assert data.metrics == {f"m{number}": 29 for number in range(50)}


def test_a_job_that_goes_on_doubles_neither_run_nor_step(job: Open, client: MlflowClient) -> None:
    first = job()
    run = first.start("job", name="digits", parameters={"seed": 0})
    first.log(run, {"reward": 0.5}, 0)
    first.log(run, {"reward": 0.6}, 1)
    first.end(run, "KILLED")
    before = first.run_id(run)
    second = job()
    run = second.start("job", name="digits", parameters={"seed": 0, "machine": "other"})
    assert second.run_id(run) == before
    assert client.get_run(before).info.status == "RUNNING"
    second.log(run, {"reward": 0.9}, 1)
    second.log(run, {"reward": 0.7}, 2)
    second.end(run)
    second.settle()
    assert steps(client, before, "reward") == [(0, 0.5), (1, 0.6), (2, 0.7)]
    assert client.get_run(before).data.params == {"seed": "0", "machine": "other"}
    assert client.get_run(before).info.status == "FINISHED"


def test_parameters_that_are_there_are_left_alone(job: Open, client: MlflowClient) -> None:
    tracker = job()
    run = tracker.start("job", name="digits", parameters={"ray": "2.60"})
    again = job()
    again.start("job", name="digits", parameters={"ray": "2.61"})
    assert client.get_run(again.run_id(run)).data.params == {"ray": "2.60"}


def test_a_job_whose_journal_is_lost_doubles_nothing(job: Open, client: MlflowClient) -> None:
    """As one that was begun before there were journals."""
    first = job()
    run = first.start("job", name="digits")
    first.log(run, {"reward": 0.5}, 0)
    before = first.run_id(run)
    second = job(folder="moved")
    run = second.start("job", name="digits")
    second.log(run, {"reward": 0.5}, 0)
    second.log(run, {"reward": 0.6}, 1)
    assert second.run_id(run) == before
    assert steps(client, before, "reward") == [(0, 0.5), (1, 0.6)]


def test_a_job_begun_again_has_runs_of_its_own(job: Open) -> None:
    first = job("a")
    before = first.run_id(first.start("job", name="digits"))
    second = job("b", folder="again")
    assert second.run_id(second.start("job", name="digits")) != before


def test_a_run_that_stands_for_something_else_takes_the_place_of_the_first(
    job: Open, client: MlflowClient
) -> None:
    """A search restored from before the trial began chose another point for its number."""
    first = job()
    run = first.start("trial", name="mlp", parameters={"width": 8}, identity="abc")
    first.log(run, {"loss": 2.0}, 1)
    before = first.run_id(run)
    second = job()
    run = second.start("trial", name="lenet", parameters={"width": 16}, identity="def")
    second.log(run, {"loss": 1.0}, 1)
    now = second.run_id(run)
    assert client.get_run(before).info.lifecycle_stage == "deleted"
    assert client.get_run(now).data.params == {"width": "16"}
    assert steps(client, now, "loss") == [(1, 1.0)]
    found = client.search_runs([client.get_run(now).info.experiment_id])
    assert [each.info.run_id for each in found] == [now]


def test_end_all_leaves_nothing_running(job: Open, client: MlflowClient) -> None:
    tracker = job()
    root = tracker.start("job", name="digits")
    stage = tracker.start("search", name="search", parent=root)
    done = tracker.start("trial", name="trial-0", parent=stage)
    tracker.end(done)
    tracker.end_all("KILLED", "KeyboardInterrupt")
    tracker.settle()
    ended = [client.get_run(tracker.run_id(run)) for run in (root, stage, done)]
    assert [run.info.status for run in ended] == ["KILLED", "KILLED", "FINISHED"]
    assert ended[0].info.end_time >= ended[1].info.end_time


def test_what_a_killed_process_left_open_is_closed_as_interrupted(
    job: Open, client: MlflowClient
) -> None:
    first = job()
    root = first.start("job", name="digits")
    lost = first.start("trial", name="trial-9", parent=root)
    first.settle()
    second = job()
    second.start("job", name="digits")
    second.end_all("FINISHED")
    second.settle()
    runs = [client.get_run(second.run_id(run)) for run in (root, lost)]
    assert [run.info.status for run in runs] == ["FINISHED", "KILLED"]
    assert runs[1].data.tags["stop_reason"] == INTERRUPTED


def test_tags_may_be_overwritten(job: Open, client: MlflowClient) -> None:
    tracker = job()
    run = tracker.start("job", name="digits", tags={"mlflow.note.content": "begun"})
    tracker.tag(run, {"mlflow.note.content": "**won**"})
    assert client.get_run(tracker.run_id(run)).data.tags["mlflow.note.content"] == "**won**"


@pytest.mark.parametrize(
    ("source", "kind", "shown"),
    [
        ("https://example.org/digits.npz", "http", '{"url": "https://example.org/digits.npz"}'),
        ("/data/digits", "local", '{"uri": "/data/digits"}'),
        ("sklearn", "code", '{"tags": {"mlflow.source.name": "sklearn"}}'),
    ],
)
def test_data_are_inputs_of_a_run(
    job: Open, client: MlflowClient, source: str, kind: str, shown: str
) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    for _ in range(2):  # once each, however often it is said
        tracker.use(run, UsedData("digits", "0" * 64, source, {"images": 1078}), "train")
    (used,) = client.get_run(tracker.run_id(run)).inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("digits", "0" * 36)
    assert (used.dataset.source_type, used.dataset.source) == (kind, shown)
    assert used.dataset.profile == '{"images": 1078}'
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "train")]


def test_files_lie_with_their_run(job: Open, client: MlflowClient, tmp_path: Path) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    picture = tmp_path / "job" / "rewards.png"
    picture.write_bytes(b"png")
    tracker.attach(run, picture, "pictures")
    listed = client.list_artifacts(tracker.run_id(run), "pictures")
    assert [file.path for file in listed] == ["pictures/rewards.png"]


def test_a_file_from_elsewhere_may_go_once_it_is_attached(
    job: Open, client: MlflowClient, tmp_path: Path
) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    scratch = tmp_path / "scratch.txt"
    scratch.write_text("words")
    tracker.attach(run, scratch)
    scratch.unlink()
    kept = client.download_artifacts(tracker.run_id(run), "scratch.txt", str(tmp_path))
    assert Path(kept).read_text() == "words"


def test_a_file_that_is_gone_holds_nothing_else_up(
    job: Open, client: MlflowClient, tmp_path: Path
) -> None:
    tracker = job()
    run = tracker.start("job", name="digits")
    tracker.attach(run, tmp_path / "job" / "never-drawn.png")
    tracker.tag(run, {"after": "it"})
    assert client.get_run(tracker.run_id(run)).data.tags["after"] == "it"
    assert (tmp_path / "job" / "tracking" / "refused.jsonl").exists()
