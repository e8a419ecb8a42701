"""A job's search as Optuna reads it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest
from click.testing import CliRunner
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState

from search import study_file
from search.cli import main
from search.ledger import Ledger
from secateur.errors import DiskError, JobConflictError, UserError
from secateur.records import SearchResult, TrialCurve
from secateur.spec import JobSpec, parse
from tests.search.made import written


@pytest.fixture
def spec() -> JobSpec:
    """A space that the made-up trials are points of."""
    recipe = {"optimizer": "adam", "weight_decay": 0.0, "batch_size": 64}
    networks = [{"kind": "lenet", "width": [1.0, 2.0]}]
    search = {"networks": networks, "recipe": recipe}
    return parse({"name": "digits", "data": {"kind": "digits"}, "search": search})


def loaded(file: Path, name: str = "digits") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=f"sqlite:///{file}")


def job(folder: Path, spec: JobSpec, searched: SearchResult) -> Ledger:
    return written(folder, spec, {"search": SearchResult}, {"search": searched})


def test_every_trial_is_there_as_it_ended(
    tmp_path: Path, spec: JobSpec, searched: SearchResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve = TrialCurve(trial=1, scores=(0.5, 0.7, 0.9, 0.99), losses=(4.0, 3.0, 2.0, 1.0))
    job(tmp_path / "digits", spec, searched.model_copy(update={"curves": (curve,)}))
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    file = tmp_path / "study.db"
    for _ in range(2):  # the second time it takes the place of the first
        done = CliRunner().invoke(main, ["export", "digits", str(file)])
        assert (done.exit_code, done.output) == (0, f"{file}\n")
    study = loaded(file)
    assert study.direction == StudyDirection.MAXIMIZE
    stopped, finished, failed = study.trials
    states = TrialState.PRUNED, TrialState.COMPLETE, TrialState.FAIL
    assert (stopped.state, finished.state, failed.state) == states
    assert study.best_trial.number == 1
    assert finished.value == 0.99
    assert finished.intermediate_values == {1: 0.5, 2: 0.7, 3: 0.9, 4: 0.99}
    assert stopped.intermediate_values == {1: 0.9}
    assert finished.params["lenet/width"] == 2.0
    assert finished.distributions["lenet/width"] == CategoricalDistribution((1.0, 2.0))
    assert finished.user_attrs == {"flops": 1000}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "study.db"]


def test_two_values_of_each_trial_of_nsga2(
    tmp_path: Path, spec: JobSpec, searched: SearchResult
) -> None:
    both = spec.model_copy(update={"search": spec.search.model_copy(update={"sampler": "nsga2"})})
    study_file.write(job(tmp_path / "digits", both, searched), tmp_path / "study.db")
    study = loaded(tmp_path / "study.db")
    assert study.directions == [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE]
    assert [trial.values for trial in study.best_trials] == [[0.99, 1000]]


def test_a_search_that_has_not_ended(
    tmp_path: Path, spec: JobSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "digits", spec, {}, {})
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["export", "digits", str(tmp_path / "study.db")])
    assert done.exit_code == 2
    assert "its search has not ended" in done.output
    assert not (tmp_path / "study.db").exists()


def test_a_place_that_is_not_there(tmp_path: Path, spec: JobSpec, searched: SearchResult) -> None:
    ledger = job(tmp_path / "digits", spec, searched)
    with pytest.raises(UserError, match=r"study\.db: cannot be written: No such file"):
        study_file.write(ledger, tmp_path / "absent" / "study.db")


def test_a_name_that_a_url_would_read_otherwise(
    tmp_path: Path, spec: JobSpec, searched: SearchResult
) -> None:
    study_file.write(job(tmp_path / "digits", spec, searched), tmp_path / "x?y#z.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "x?y#z.db"]
    assert (tmp_path / "x?y#z.db").read_bytes().startswith(b"SQLite format 3")


def test_a_disk_that_is_full(
    tmp_path: Path, spec: JobSpec, searched: SearchResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SQLite has it when no page of four is left."""
    job(tmp_path / "digits", spec, searched)
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))

    def on_a_small_disk(address: str) -> RDBStorage:
        file = address.removeprefix("sqlite:///")
        options = {"creator": lambda: small(file)}
        return RDBStorage(address, engine_kwargs=options)

    monkeypatch.setattr(study_file, "RDBStorage", on_a_small_disk)
    done = CliRunner().invoke(main, ["export", "digits", str(tmp_path / "study.db")])
    assert done.exit_code == DiskError.exit_code
    assert "no space left on this disk" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def small(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA max_page_count = 4")
    return connection


@pytest.mark.parametrize("widths", [[1.0, 4.0], {"low": 3.0, "high": 4.0}])
def test_a_trial_of_another_space(
    tmp_path: Path, spec: JobSpec, searched: SearchResult, widths: object
) -> None:
    networks = [{"kind": "lenet", "width": widths}]
    search = spec.search.model_dump() | {"networks": networks}
    other = parse({"name": "digits", "data": {"kind": "digits"}, "search": search})
    ledger = job(tmp_path / "digits", other, searched)
    with pytest.raises(JobConflictError, match="trial 0 is no point of the job's space"):
        study_file.write(ledger, tmp_path / "study.db")
