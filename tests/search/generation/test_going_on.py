"""A generator's trial that is tried again goes on, and tells the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from search import unfinished
from search.generation import trainable
from search.generation.snapshots import Snapshots
from search.unfinished import FOLDER
from secateur.data import Development
from secateur.spec import GenerationSpec, parse
from secateur.storage.place import STORAGE
from secateur.training.generative.adversarial import Adversarial
from tests.search.generation.conftest import Judge, Like

POINT = {"network": "mlp-gan"}
TOLD = (trainable.STEP, trainable.LIKENESS, trainable.AGE)
"""Values of a report that say nothing of how long it took."""


class StruckError(Exception):
    """Of a process that is lost."""


@pytest.fixture
def job() -> GenerationSpec:
    small = {"kind": "mlp-gan", "width": 0.0625, "latent": 8}
    return parse(
        {
            "name": "job",
            "task": "generation",
            "data": {"kind": "digits"},
            "search": {
                "networks": [small | {"critic_first": 32, "critic_second": 16}],
                "steps": 8,
                "interval": 1,
                "judge_every": 2,
                "recipe": {"batch_size": 16},
            },
            "limits": {"checkpoint_seconds": 0},
        }
    )


class Attempts:
    """Attempts at one trial, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, like: Like) -> None:
        self.steps = 0
        self.reports: list[tuple[Any, ...]] = []
        self.weights: dict[str, Tensor] = {}
        self.shots = Snapshots()
        self._judge, self._strike_at = Judge(like), 0
        tune, context = trainable.tune, SimpleNamespace(get_trial_id=lambda: "0001")
        monkeypatch.setattr(tune, "get_context", lambda: context)
        monkeypatch.setattr(tune, "report", self._report)
        monkeypatch.setattr(tune, "Checkpoint", SimpleNamespace(from_directory=self._read))
        step = Adversarial.step

        def counted(learner: Adversarial) -> Any:
            self.steps += 1
            return step(learner)

        monkeypatch.setattr(Adversarial, "step", counted)

    def play(
        self, job: GenerationSpec, noise: Development, folder: Path, strike_at: int = 0
    ) -> None:
        self.reports.clear()
        self.steps, self._strike_at = 0, strike_at
        judge: Any = self._judge
        trainable.train_trial(POINT, spec=job, development=noise, judge=judge, folder=folder)

    def _report(self, metrics: dict[str, Any], **_: Any) -> None:
        if metrics[trainable.STEP] == self._strike_at:
            raise StruckError
        self.reports.append(tuple(metrics[name] for name in TOLD))

    def _read(self, root: str) -> None:
        (folder,) = Path(root).iterdir()
        self.weights = load_file(folder / trainable.WEIGHTS)
        self.shots = Snapshots.read(folder / trainable.SAMPLES) or Snapshots()


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch, like: Like) -> Attempts:
    # Whatever keeping takes on this machine, every judgement is kept.
    monkeypatch.setattr(unfinished, "_SHARE", 0)
    return Attempts(monkeypatch, like)


def test_a_trial_goes_on_and_tells_what_it_would_have_told(
    attempts: Attempts, job: GenerationSpec, noise: Development, folder: Path
) -> None:
    attempts.play(job, noise, folder.with_name("undisturbed"))
    reports, weights, shots = list(attempts.reports), attempts.weights, attempts.shots
    assert [step for step, *_ in reports] == [2, 4, 6, 8]
    assert attempts.steps == 8
    with pytest.raises(StruckError):
        attempts.play(job, noise, folder, strike_at=6)
    attempts.play(job, noise, folder)
    assert attempts.reports == reports
    assert attempts.steps == 2
    assert attempts.weights.keys() == weights.keys()
    assert all(torch.equal(value, weights[name]) for name, value in attempts.weights.items())
    assert attempts.shots.steps == shots.steps
    assert all(map(np.array_equal, attempts.shots.images, shots.images))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half of one"])
def test_a_spoilt_file_is_none(
    attempts: Attempts,
    job: GenerationSpec,
    noise: Development,
    tmp_path: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(STORAGE, raising=False)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "0001").write_bytes(content)
    attempts.play(job, noise, tmp_path)
    assert attempts.steps == 8
