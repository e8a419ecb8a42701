"""The search stage of classifiers and regressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.result import TRAINING_ITERATION
from safetensors.torch import load_file

from search.attempts import kept
from search.budget import Budget, Tab
from search.curves import Rows, curves
from search.front import choose, front
from search.history import History, history
from search.listeners import TrialListener
from search.searcher import LAST, JobSearch
from search.space import realise
from search.trainable import FLOPS, METRIC, WEIGHTS, train_trial
from search.tune_storage import begun
from search.tuning import Tuning, none_finished
from secateur import artifacts
from secateur.data import Development
from secateur.data.dataset import digest_of
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec


def known(spec: JobSpec, development: Development, folder: Path) -> History:
    """What the search of a job can start from; a search that goes on has it already.

    Raises:
        SpecError: the job to start from has nothing to start with.
    """
    return History() if begun(folder) else history(spec, folder.parent, _digest(development))


def search(
    spec: JobSpec,
    development: Development,
    folder: Path,
    journal: TrialListener,
    start: History | None = None,
    budget: Budget | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> SearchResult:
    """Train networks until there are enough and save the winner under ``models/dense``.

    Args:
        spec: the job.
        development: training and validation split.
        folder: of the job; an earlier search in it that was interrupted goes on.
        journal: hears of every trial.
        start: what is known before the first trial.
        budget: in time; it must count what an earlier search in the folder has spent.
        tell: takes a line for people whenever a trial failed.

    Raises:
        KeyboardInterrupt: the search was interrupted; its state is saved.
        StageError: no trial ran its full budget, or the search could not go on.
    """
    tuning = Tuning(
        spec=spec.search,
        folder=folder,
        trainable=tune.with_parameters(
            train_trial, spec=spec, development=development, folder=folder.absolute()
        ),
        searcher=partial(JobSearch, spec.search, spec.seed, METRIC, FLOPS, start, folder.name),
        metric=METRIC,
        age=TRAINING_ITERATION,
        grown=spec.search.epochs,
        limits=spec.limits,
        tell=tell,
    )
    results, stopped_by = tuning.play(journal, budget or Budget(None, Tab()))
    trials = tuple(
        _record(spec, development, number, result) for number, result in enumerate(results)
    )
    if not any(trial.status == "finished" for trial in trials):
        raise none_finished(results, stopped_by, folder)
    best = choose(spec.search, trials)
    files = kept(results[best.number])
    assert files is not None, "a trial that ran its full budget left its weights"
    _save_dense(best, development, files, folder / "models" / "dense")
    return SearchResult(
        trials=trials,
        best=best,
        artifact="models/dense",
        front=tuple(trial.number for trial in front(spec.search, trials)),
        data_digest=_digest(development),
        curves=curves(trials, best, lambda number: _reported(results[number])),
        stopped_by=stopped_by,
    )


def _digest(development: Development) -> str:
    return digest_of(development.train, development.validation)


def _record(
    spec: JobSpec, development: Development, number: int, result: tune.Result
) -> TrialRecord:
    architecture, recipe = realise(
        spec, result.config, development.input_shape, development.outputs
    )
    metrics: dict[str, Any] = result.metrics or {}
    accuracy = metrics.get(METRIC)
    sound = accuracy is not None and isfinite(accuracy)
    failed = result.error is not None or not sound
    return TrialRecord(
        number=number,
        architecture=architecture,
        recipe=recipe,
        accuracy=accuracy if sound else None,
        epochs=metrics.get("epoch", 0),
        status="failed" if failed else "finished" if metrics[LAST] else "stopped",
        flops=metrics.get(FLOPS),
    )


def _reported(result: tune.Result) -> Rows:
    """What a trial reported, as Tune keeps it."""
    frame = result.metrics_dataframe
    rows: Rows = [] if frame is None else frame.to_dict("records")
    return rows


def _save_dense(
    trial: TrialRecord, development: Development, checkpoint: Path, folder: Path
) -> None:
    network = artifacts.rebuild(trial.architecture)
    network.load_state_dict(load_file(checkpoint / WEIGHTS))
    content = artifacts.describe(trial.architecture, development)
    artifacts.save(folder, network, content)
