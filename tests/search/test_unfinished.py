"""A trial that is tried again goes on from what it kept of its training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from search import trainable, unfinished
from search.listeners import TrialEnd
from search.unfinished import FOLDER, Forgetter, Pace
from secateur.data import Development
from secateur.spec import JobSpec, parse
from secateur.storage.place import HOME, STORAGE
from secateur.training import supervised

EPOCHS = 4
POINT = {"network": "mlp", "recipe": {"learning_rate": 0.02, "optimizer": "momentum"}}


class StruckError(Exception):
    """Of a process that is lost."""


@pytest.fixture
def job(request: pytest.FixtureRequest) -> JobSpec:
    return parse(
        {
            "name": "job",
            "data": {"kind": "digits"},
            "search": {"networks": [{"kind": "mlp", "depth": 1, "width": 8}], "epochs": EPOCHS},
            "limits": {"checkpoint_seconds": getattr(request, "param", 0)},
        }
    )


class Attempts:
    """Attempts at one trial, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reported: list[int] = []
        self.trained: list[int] = []
        self.weights: dict[str, torch.Tensor] = {}
        self._strike_at: int | None = None
        epoch, context = supervised._epoch, SimpleNamespace(get_trial_id=lambda: "0001")
        monkeypatch.setattr(trainable.tune, "get_context", lambda: context)
        monkeypatch.setattr(trainable.tune, "report", self._report)
        monkeypatch.setattr(
            trainable.tune, "Checkpoint", SimpleNamespace(from_directory=self._read)
        )

        def counted(run: Any, number: int) -> float:
            self.trained.append(number)
            return epoch(run, number)

        monkeypatch.setattr(supervised, "_epoch", counted)

    def play(
        self, job: JobSpec, noise: Development, folder: Path, strike_at: int | None = None
    ) -> None:
        self.reported.clear()
        self.trained.clear()
        self._strike_at = strike_at
        trainable.train_trial(POINT, spec=job, development=noise, folder=folder)

    def _report(self, metrics: dict[str, Any], **_: Any) -> None:
        if metrics["epoch"] == self._strike_at:
            raise StruckError
        self.reported.append(metrics["epoch"])

    def _read(self, root: str) -> None:
        (file,) = Path(root).glob(f"*/{trainable.WEIGHTS}")
        self.weights = load_file(file)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Attempts:
    # Whatever keeping takes on this machine, every epoch is kept.
    monkeypatch.setattr(unfinished, "_SHARE", 0)
    return Attempts(monkeypatch)


def test_a_trial_goes_on_to_the_weights_that_it_would_have_had(
    attempts: Attempts, job: JobSpec, noise: Development, folder: Path
) -> None:
    attempts.play(job, noise, folder.with_name("undisturbed"))
    whole = attempts.weights
    with pytest.raises(StruckError):
        attempts.play(job, noise, folder, strike_at=3)
    attempts.play(job, noise, folder)
    assert attempts.reported == [1, 2, 3, 4]
    assert attempts.trained == [4]
    assert attempts.weights.keys() == whole.keys()
    assert all(torch.equal(value, whole[name]) for name, value in attempts.weights.items())


@pytest.mark.parametrize("job", [3600], indirect=True)
def test_a_short_trial_keeps_nothing(
    attempts: Attempts, job: JobSpec, noise: Development, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(StruckError):
        attempts.play(job, noise, folder, strike_at=3)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    attempts.play(job, noise, folder)
    assert attempts.trained == [1, 2, 3, 4]


@pytest.mark.parametrize("heard", ["ended", "kept"])
def test_what_an_ended_trial_kept_is_removed(
    attempts: Attempts,
    job: JobSpec,
    noise: Development,
    folder: Path,
    tmp_path: Path,
    heard: str,
) -> None:
    attempts.play(job, noise, folder)
    (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert kept.as_posix().endswith(f"job/{FOLDER}/0001")
    listener = Forgetter(folder)
    listener.ended("0002", failed=False)
    assert kept.exists()
    if heard == "ended":
        listener.ended("0001", failed=True)
    else:
        listener.kept(TrialEnd("0001", 0, POINT, {}, failed=False))
    assert not kept.exists()


def test_nothing_is_left_of_a_search_that_has_ended(
    attempts: Attempts, job: JobSpec, noise: Development, folder: Path, tmp_path: Path
) -> None:
    Forgetter(folder).forget_all()  # where no trial kept anything
    attempts.play(job, noise, folder)
    (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
    kept.with_name(".0001-half").touch()
    Forgetter(folder).forget_all()
    assert not kept.parent.exists()
    assert kept.parent.parent.is_dir()


def test_a_storage_that_is_away_costs_a_trial_nothing_but_its_progress(
    attempts: Attempts,
    job: JobSpec,
    noise: Development,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "bucket").write_text("no folder")
    monkeypatch.setenv(STORAGE, f"file://{tmp_path}/bucket")
    monkeypatch.setenv(HOME, f"{tmp_path}/home")
    folder = tmp_path / "home" / "job"
    with pytest.raises(StruckError):
        attempts.play(job, noise, folder, strike_at=3)
    attempts.play(job, noise, folder)
    assert attempts.trained == attempts.reported == [1, 2, 3, 4]
    Forgetter(folder).ended("0001", failed=False)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    now = SimpleNamespace(time=100.0)
    monkeypatch.setattr(unfinished.time, "monotonic", lambda: now.time)
    return now


def passes(clock: SimpleNamespace, seconds: float) -> None:
    clock.time += seconds


def test_a_pace_waits_from_one_time_to_the_next(clock: SimpleNamespace) -> None:
    pace = Pace(30)
    assert not pace.due
    passes(clock, 30)
    assert pace.due
    with pace.taken():
        passes(clock, 1)
    passes(clock, 29)
    assert not pace.due
    passes(clock, 1)
    assert pace.due


def test_what_takes_long_is_done_more_seldom(clock: SimpleNamespace) -> None:
    pace = Pace(30)
    with pace.taken():
        passes(clock, 5)
    passes(clock, 99)
    assert not pace.due
    passes(clock, 1)
    assert pace.due
