"""The search for a generator: Ray Tune over Optuna's suggestions, on the distance."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ray import tune
from safetensors.torch import load_file

from search.attempts import kept
from search.budget import Budget
from search.generation import trainable
from search.generation.choice import choose
from search.generation.curves import curves
from search.generation.space import realise
from search.generation.trainable import AGE, FLOPS, GROWN, LIKENESS, SCORE, train_trial
from search.listeners import TrialListener
from search.searcher import LAST, JobSearch
from search.tuning import Tuning, none_finished
from secateur.data import Development
from secateur.data.dataset import digest_of
from secateur.generators import save_generator
from secateur.judging.judge import LikenessJudge
from secateur.records import (
    Architecture,
    GenerativeRecipe,
    GenerativeSearchResult,
    GenerativeTrial,
    Likeness,
)
from secateur.spec import GenerationSpec
from secateur.training.generative import GenerativeModel, begin

DENSE = "models/dense"
"""Folder of the winner's generator, relative to the job's."""
TRAINING = "models/dense.training.safetensors"
"""All networks of the winner's training: recovery needs the critic."""
SAMPLES = "samples.npz"
"""What the winner made of the same noise, step by step."""


def search(
    spec: GenerationSpec,
    development: Development,
    judge: LikenessJudge,
    folder: Path,
    listener: TrialListener,
    budget: Budget,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[GenerativeSearchResult, dict[int, Path]]:
    """Train generators until there are enough, and save the winner.

    Args:
        spec: the job.
        development: training and validation split.
        judge: of generated images.
        folder: of the job; an earlier search in it that was interrupted goes on.
        listener: hears of every trial.
        budget: in time; it must count what an earlier search in the folder has spent.
        tell: takes a line for people whenever a trial failed.

    Returns:
        The record, and the samples by step of every trial that ran in full, by its number.

    Raises:
        KeyboardInterrupt: the search was interrupted; its state is saved.
        StageError: no trial ran its full budget, or the search could not go on.
    """
    tuning = Tuning(
        spec=spec.search,
        folder=folder,
        trainable=tune.with_parameters(
            train_trial,
            spec=spec,
            development=development,
            judge=judge,
            folder=folder.absolute(),
        ),
        searcher=partial(JobSearch, spec.search, spec.seed, SCORE, FLOPS, None, folder.name),
        metric=SCORE,
        age=AGE,
        grown=GROWN,
        limits=spec.limits,
        tell=tell,
    )
    results, stopped_by = tuning.play(listener, budget)
    trials = tuple(
        _record(spec, development, number, result) for number, result in enumerate(results)
    )
    if not any(trial.status == "finished" for trial in trials):
        raise none_finished(results, stopped_by, folder)
    best = choose(trials)
    files = kept(results[best.number])
    assert files is not None, "a trial that ran its full budget left its networks"
    _save_winner(best, files, folder)
    found = GenerativeSearchResult(
        trials=trials,
        best=best,
        artifact=DENSE,
        curves=curves(trials, lambda number: _reported(results[number])),
        data_digest=digest_of(development.train, development.validation),
        stopped_by=stopped_by,
    )
    return found, dict(_samples(results))


def load_model(
    architecture: Architecture, recipe: GenerativeRecipe, folder: Path
) -> GenerativeModel:
    """All networks of the winner, as its training left them.

    Args:
        architecture: of the winner.
        recipe: of the winner.
        folder: of the job.
    """
    model = begin(architecture, recipe)
    model.load_state_dict(load_file(folder / TRAINING))
    return model.eval()


def _record(
    spec: GenerationSpec, development: Development, number: int, result: tune.Result
) -> GenerativeTrial:
    architecture, recipe = realise(spec, result.config, development.input_shape)
    metrics: Mapping[str, Any] = result.metrics or {}
    failed = result.error is not None or LIKENESS not in metrics
    return GenerativeTrial(
        number=number,
        architecture=architecture,
        recipe=recipe,
        likeness=None if failed else Likeness.model_validate_json(metrics[LIKENESS]),
        steps=metrics.get(trainable.STEP, 0),
        seconds=metrics.get(trainable.SECONDS, 0.0),
        flops=metrics.get(FLOPS),
        status="failed" if failed else "finished" if metrics[LAST] else "stopped",
    )


def _reported(result: tune.Result) -> list[dict[str, Any]]:
    """What a trial reported, as Tune keeps it."""
    frame = result.metrics_dataframe
    rows: list[dict[str, Any]] = [] if frame is None else frame.to_dict("records")
    return rows


def _samples(results: Sequence[tune.Result]) -> Iterator[tuple[int, Path]]:
    for number, result in enumerate(results):
        if (files := kept(result)) is not None:
            yield number, files / trainable.SAMPLES


def _save_winner(best: GenerativeTrial, checkpoint: Path, folder: Path) -> None:
    """The generator as it is served, the training as recovery takes it up, and the samples."""
    (folder / DENSE).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(checkpoint / trainable.WEIGHTS, folder / TRAINING)
    shutil.copyfile(checkpoint / trainable.SAMPLES, folder / SAMPLES)
    model = load_model(best.architecture, best.recipe, folder)
    save_generator(folder / DENSE, model.generator, best.architecture)
