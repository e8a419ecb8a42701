"""A recovery that was interrupted goes on, and tells the same."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from agents.generation import Rehearsal, prepare_generator
from search import unfinished
from search.finetune import model_folder
from search.generation import recovering
from search.generation.recovering import Recovery, samples
from search.generation.snapshots import Snapshots
from secateur.errors import StorageError
from secateur.models.registry import takes
from secateur.records import (
    Architecture,
    GenerativeCurve,
    GenerativeRecipe,
    PruningResult,
)
from secateur.spec import GeneratorRecoverySpec, PruneSpec
from secateur.storage.task import TaskShelf
from secateur.training.generative import begin
from secateur.training.generative.adversarial import Adversarial
from tests.search.generation.conftest import Judge, Like

ARCHITECTURE = Architecture(
    name="mlp-gan",
    arguments={"latent": 6, "first": 16, "second": 24, "third": 32},
    input_shape=(1, 8, 8),
    classes=1,
)
RECIPE = GenerativeRecipe(batch_size=16)
SPEC = GeneratorRecoverySpec(steps=8, interval=1, ema=0.9)
PIXELS = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0)).byte()


class Recoveries:
    """Recoveries in this process, with the steps that they took."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, like: Like) -> None:
        self.steps = 0
        judge: Any = Judge(like)
        model = begin(ARCHITECTURE, RECIPE).eval()
        prune = PruneSpec(targets=(0.4,), agent="random", episodes=2, round_to=1)
        latent, *_ = takes(ARCHITECTURE)
        rehearsal = Rehearsal(model, PIXELS, RECIPE, SPEC, judge)
        self._task = prepare_generator(prune, model.generator, latent, 0, rehearsal)
        step = Adversarial.step

        def counted(learner: Adversarial) -> Any:
            self.steps += 1
            return step(learner)

        monkeypatch.setattr(Adversarial, "step", counted)
        # Whatever keeping takes on this machine, every judgement is kept.
        monkeypatch.setattr(unfinished, "_SHARE", 0)

    def play(self, folder: Path, pieces: int) -> list[GenerativeCurve]:
        self.steps = 0
        work = Recovery(self._task, ARCHITECTURE, folder, every=2, kept_every=0)
        widths = tuple(width // 2 for width in self._task.candidates.plan.widths)
        policy = PruningResult.model_construct(target=0.4, widths=widths, start=None)
        return [told(piece) for piece in islice(recovering._recovered(work, policy), pieces)]


def told(piece: GenerativeCurve) -> GenerativeCurve:
    """Without what depends on the machine."""
    metrics = tuple(one.model_copy(update={"seconds": 0.0}) for one in piece.metrics)
    return piece.model_copy(update={"metrics": metrics})


@pytest.fixture
def recoveries(monkeypatch: pytest.MonkeyPatch, like: Like) -> Recoveries:
    return Recoveries(monkeypatch, like)


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / model_folder(0.4) / "weights.safetensors")


def test_a_recovery_goes_on_to_the_same_generator(recoveries: Recoveries, tmp_path: Path) -> None:
    whole, interrupted = tmp_path / "whole", tmp_path / "interrupted"
    pieces = recoveries.play(whole, 5)
    assert [piece.judged[-1].step for piece in pieces] == [2, 4, 6, 8]
    assert recoveries.steps == 8
    assert recoveries.play(interrupted, 3) == pieces[:3]
    assert recoveries.play(interrupted, 5) == pieces
    assert recoveries.steps == 2
    found = weights(interrupted)
    assert all(torch.equal(found[name], value) for name, value in weights(whole).items())
    shots = [Snapshots.read(samples(folder, 0.4)) for folder in (whole, interrupted)]
    assert shots[0] is not None
    assert shots[1] is not None
    assert shots[0].steps == shots[1].steps == (2, 4, 6, 8)
    assert all(map(np.array_equal, shots[0].images, shots[1].images))


def test_one_that_has_ended_is_told_and_not_trained_on(
    recoveries: Recoveries, tmp_path: Path
) -> None:
    pieces = recoveries.play(tmp_path, 5)
    before = weights(tmp_path)
    assert recoveries.play(tmp_path, 5) == pieces
    assert recoveries.steps == 0
    assert all(torch.equal(before[name], value) for name, value in weights(tmp_path).items())


def test_a_storage_that_is_away_in_the_end_costs_no_training(
    recoveries: Recoveries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: TaskShelf) -> None:
        raise StorageError("away")

    with monkeypatch.context() as patched:
        patched.setattr(TaskShelf, "keep", away)
        with pytest.raises(StorageError):
            recoveries.play(tmp_path, 5)
    recoveries.play(tmp_path, 5)
    assert recoveries.steps == 0
