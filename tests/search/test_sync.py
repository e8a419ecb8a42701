"""``secateur sync``: what a job left behind when its tracking server was away."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mlflow import MlflowClient

from search.cli import main
from search.home import Home
from search.ledger import Ledger
from search.tracking import abandon, tracker
from secateur.spec import JobSpec

# The port of "discard", where nobody listens.
ABSENT = "http://ann:secret@127.0.0.1:9"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Home.find()


@pytest.fixture
def ledger(home: Home, spec: JobSpec, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Of a job that recorded three epochs and a picture while the server was away."""
    ledger = Ledger(home.job(spec.name))
    with ledger.held(spec), monkeypatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", ABSENT)
        runs = tracker(home, ledger, lambda _: None)
        run = runs.start("job", name=spec.name)
        for epoch in (1, 2, 3):
            runs.log(run, {"loss": 1 / epoch, "accuracy": epoch / 3}, epoch)
        picture = ledger.folder / "front.png"
        picture.write_bytes(b"png")
        runs.attach(run, picture, "pictures")
        runs.end_all("FINISHED")
        runs.close()
    return ledger


def sync(name: str = "digits") -> Result:
    return CliRunner().invoke(main, ["sync", name])


def test_it_sends_what_is_left_and_then_nothing(home: Home, ledger: Ledger) -> None:
    first = sync()
    assert first.exit_code == 0
    # MLflow may have said before that it makes its database.
    assert first.output.splitlines()[-1] == "digits: sent 1 run, 6 metrics, 1 file"
    assert sync().output == "digits: nothing to send\n"
    client = MlflowClient(home.tracking_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("digits").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"loss": 1 / 3, "accuracy": 1.0}


def test_a_server_that_still_does_not_answer(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", ABSENT)
    result = sync()
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith(
        "secateur: error: http://127.0.0.1:9 does not answer: Connection refused; kept in "
    )


def test_a_job_that_is_running_sends_for_itself(ledger: Ledger, spec: JobSpec) -> None:
    with ledger.held(spec):
        result = sync()
    assert result.exit_code == 2
    assert "is being run by another process" in result.output


def test_a_job_that_is_not_there(home: Home) -> None:
    result = sync("nothing")
    assert result.exit_code == 2
    assert "no job here" in result.output


def test_a_beginning_that_is_discarded_leaves_no_run_open(home: Home, spec: JobSpec) -> None:
    ledger = Ledger(home.job(spec.name))
    farewell = partial(abandon, home, ledger)
    with ledger.held(spec, restart=True, farewell=farewell):  # there is nothing to discard
        runs = tracker(home, ledger, lambda _: None)
        runs.start("job", name=spec.name)
        runs.settle()
        runs.close()
    # Its process was killed here.
    with ledger.held(spec, restart=True, farewell=farewell):
        assert not (ledger.folder / "tracking").exists()
    client = MlflowClient(home.tracking_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("digits").experiment_id])
    assert (run.info.status, run.data.tags["stop_reason"]) == ("KILLED", "interrupted")
