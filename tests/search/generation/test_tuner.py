"""Searches for generators with real Ray, as small as they can be, interrupted and gone on with."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from search.budget import Budget, Tab
from search.generation import tuner
from search.generation.judging import judge_for
from search.generation.snapshots import Snapshots
from search.listeners import TrialEnd, TrialListener
from secateur.data import Development, load
from secateur.generators import load_generator
from secateur.judging.judge import LikenessJudge
from secateur.records import GenerativeSearchResult
from secateur.spec import GenerationSpec, parse
from secateur.training.generative import sample

pytestmark = [
    pytest.mark.slow,
    # A Tune that was interrupted leaves the closing of its own files to the collector.
    pytest.mark.filterwarnings("ignore:unclosed file.*result.json:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning"
    ),
]

TRIALS = 4


def job(recipe: dict[str, Any] | None = None, **search: Any) -> GenerationSpec:
    spec = parse(
        {
            "name": "gan",
            "task": "generation",
            "data": {"kind": "digits", "limit": 400},
            "search": {
                "trials": TRIALS,
                "steps": 12,
                "interval": 2,
                "judge_every": 2,
                "images": 100,
                "networks": [
                    {"kind": "dcgan", "latent": 8, "width": [2, 4], "critic_width": 4},
                    {"kind": "mlp-gan", "latent": 8, "width": 0.0625},
                ],
                "recipe": {"batch_size": 16, "precision": "float32"} | (recipe or {}),
            }
            | search,
        }
    )
    assert isinstance(spec, GenerationSpec)
    return spec


class Listener(TrialListener):
    """Counts what ends; may press Ctrl-C when some have."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.ends, self.kept_ones, self._stop_after = 0, 0, stop_after

    def kept(self, end: TrialEnd) -> None:
        self.kept_ones += 1

    def ended(self, trial: str, *, failed: bool) -> None:
        self.ends += 1
        if self.ends == self._stop_after:
            os.kill(os.getpid(), signal.SIGINT)


def search(
    spec: GenerationSpec,
    development: Development,
    judge: LikenessJudge,
    folder: Path,
    listener: Listener,
) -> tuple[GenerativeSearchResult, dict[int, Path]]:
    return tuner.search(spec, development, judge, folder, listener, Budget(None, Tab()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gan")


@pytest.fixture(scope="module")
def development() -> Development:
    spec = job()
    return load(spec.data, spec.seed).development


@pytest.fixture(scope="module")
def judge(ray_session: None, development: Development, folder: Path) -> LikenessJudge:
    return judge_for(job(), development, folder)


@pytest.fixture(scope="module")
def found(
    judge: LikenessJudge, development: Development, folder: Path
) -> tuple[GenerativeSearchResult, dict[int, Path]]:
    """A search that was interrupted after two trials and went on."""
    with pytest.raises(KeyboardInterrupt):
        search(job(), development, judge, folder, Listener(stop_after=2))
    listener = Listener()
    result = search(job(), development, judge, folder, listener)
    assert listener.kept_ones >= 2
    return result


def test_an_interrupted_search_ends_with_the_trials_asked_for(
    found: tuple[GenerativeSearchResult, dict[int, Path]],
) -> None:
    result, _ = found
    assert [trial.number for trial in result.trials] == list(range(TRIALS))
    assert result.count("failed") == 0
    whole = [trial for trial in result.trials if trial.status == "finished"]
    assert all(trial.steps == 12 for trial in whole)
    assert all(trial.likeness is not None and trial.flops for trial in whole)


def test_curves_have_every_interval(
    found: tuple[GenerativeSearchResult, dict[int, Path]],
) -> None:
    result, _ = found
    best = next(curve for curve in result.curves if curve.trial == result.best.number)
    assert [metrics.step for metrics in best.metrics] == [2, 4, 6, 8, 10, 12]
    assert [judged.step for judged in best.judged] == [4, 8, 12]
    assert best.judged[-1].likeness == result.likeness


def test_the_winner_is_saved_with_its_whole_training(
    found: tuple[GenerativeSearchResult, dict[int, Path]], folder: Path
) -> None:
    result, _ = found
    best = result.best
    generator, content = load_generator(folder / result.artifact)
    assert content.architecture == best.architecture
    model = tuner.load_model(best.architecture, best.recipe, folder)
    assert model.critic is not None
    assert sample(model.generator, 4, 0).equal(sample(generator, 4, 0))


def test_samples_of_the_same_noise_are_kept_by_step(
    found: tuple[GenerativeSearchResult, dict[int, Path]], folder: Path
) -> None:
    result, files = found
    shots = Snapshots.read(folder / tuner.SAMPLES)
    assert shots is not None
    assert shots.steps == (4, 8, 12)
    whole = {trial.number for trial in result.trials if trial.status == "finished"}
    assert set(files) == whole


def test_trials_that_diverge_fail_and_others_go_on(
    judge: LikenessJudge, development: Development, tmp_path: Path
) -> None:
    # Without batch norm nothing holds a critic whose steps are so long.
    wild = {"learning_rate": 10.0, "optimizer": "sgd", "loss": "wasserstein"}
    spec = job(wild, sampler="grid", trials=3, scheduler="none")
    result, _ = search(spec, development, judge, tmp_path, Listener())
    ends = {(trial.architecture.name, trial.status) for trial in result.trials}
    assert ends == {("dcgan", "finished"), ("mlp-gan", "failed")}
    assert result.best.architecture.name == "dcgan"
    assert all(trial.likeness is None for trial in result.trials if trial.status == "failed")
