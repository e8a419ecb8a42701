"""The search stage: Ray Tune over Optuna's suggestions, resumable."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.result import TRAINING_ITERATION
from ray.tune.schedulers import (
    ASHAScheduler,
    FIFOScheduler,
    MedianStoppingRule,
    TrialScheduler,
)
from safetensors.torch import load_file

from agents import resources
from search.budget import Budget, Tab
from search.curves import Rows, curves
from search.front import choose, front
from search.history import STATE, History, history
from search.observer import TrialListener, TrialObserver
from search.searcher import LAST, JobSearch
from search.space import realise
from search.trainable import FLOPS, METRIC, WEIGHTS, train_trial
from secateur import artifacts
from secateur.data import Development
from secateur.data.dataset import digest_of
from secateur.errors import StageError
from secateur.records import SearchResult, TrialRecord
from secateur.spec import JobSpec, SearchSpec

_UNBOUNDED = -1

# Snapshots of the experiment at most a second old, and no complaint that they are frequent.
os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "1")
os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")


def known(spec: JobSpec, development: Development, folder: Path) -> History:
    """What the search of a job can start from; a search that goes on has it already.

    Raises:
        SpecError: the job to start from has nothing to start with.
    """
    begun = tune.Tuner.can_restore(str(folder / STATE))
    return History() if begun else history(spec, folder.parent, _digest(development))


def search(
    spec: JobSpec,
    development: Development,
    folder: Path,
    journal: TrialListener,
    start: History | None = None,
    budget: Budget | None = None,
) -> SearchResult:
    """Train networks until there are enough and save the winner under ``models/dense``.

    Enough is ``spec.search.trials``, or when ``budget`` is spent: no trial begins after that,
    and those that have begun go on to their end.

    Args:
        spec: the job.
        development: training and validation split.
        folder: of the job; an earlier search in it that was interrupted goes on.
        journal: hears of every trial.
        start: what is known before the first trial.
        budget: in time; it must count what an earlier search in the folder has spent.

    Raises:
        KeyboardInterrupt: the search was interrupted; its state is saved.
        StageError: no trial ran its full budget.
    """
    name, budget = str(folder), budget or Budget(None, Tab())
    tuner = _restored(spec, development, folder) or _begun(spec, development, folder, start)
    TrialObserver.listeners[name] = journal
    JobSearch.enough[name] = lambda: budget.reached() is not None
    handler = signal.getsignal(signal.SIGINT)
    try:
        results = tuner.fit()
    finally:
        # Tune leaves a handler of its own behind, which would swallow the next Ctrl-C.
        signal.signal(signal.SIGINT, handler)
        del TrialObserver.listeners[name], JobSearch.enough[name]
    trials = tuple(
        _record(spec, development, number, result) for number, result in enumerate(results)
    )
    ended = sum(_ended(result) for result in results)
    stopped_by = "trials" if ended == spec.search.most else budget.reached()
    if stopped_by is None or ended < len(trials):
        raise KeyboardInterrupt(f"search stopped after {ended} trials, of {spec.search.told()}")
    if not any(trial.status == "finished" for trial in trials):
        bound = "" if stopped_by == "trials" else f" within search.budget.{stopped_by}"
        raise StageError(
            f"search: none of {len(trials)} trials finished{bound}; see {folder / STATE}"
        )
    best = choose(spec.search, trials)
    checkpoint = results[best.number].checkpoint
    _save_dense(best, development, Path(checkpoint.path), folder / "models" / "dense")
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


def _trainable(spec: JobSpec, development: Development) -> Any:
    return tune.with_resources(
        tune.with_parameters(train_trial, spec=spec, development=development), {"cpu": 1}
    )


def _restored(spec: JobSpec, development: Development, folder: Path) -> tune.Tuner | None:
    """The search that was interrupted in this folder, if there is one."""
    state = str(folder / STATE)
    if not tune.Tuner.can_restore(state):
        return None
    return tune.Tuner.restore(state, _trainable(spec, development), restart_errored=False)


def _begun(
    spec: JobSpec, development: Development, folder: Path, start: History | None
) -> tune.Tuner:
    return tune.Tuner(
        _trainable(spec, development),
        tune_config=tune.TuneConfig(
            metric=METRIC,
            mode="max",
            search_alg=JobSearch(spec.search, spec.seed, METRIC, FLOPS, start, str(folder)),
            scheduler=_scheduler(spec.search),
            num_samples=spec.search.most or _UNBOUNDED,
            max_concurrent_trials=_parallel(spec.search),
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            name=STATE,
            storage_path=str(folder),
            callbacks=[TrialObserver(str(folder))],
            failure_config=tune.FailureConfig(max_failures=1),
            verbose=0,
        ),
    )


def _parallel(spec: SearchSpec) -> int:
    """Trials at once; those that waited for a CPU would begin after a budget in time is spent."""
    return spec.parallel if spec.budget is None else min(spec.parallel, resources.at_once(1))


def _ended(result: tune.Result) -> bool:
    """Whether a trial came to an end of its own, rather than with an interrupted search."""
    return result.error is not None or bool((result.metrics or {}).get("done"))


def _scheduler(spec: SearchSpec) -> TrialScheduler:
    if spec.scheduler == "none":
        return FIFOScheduler()
    # A one-cycle schedule says little about a network before its rate has begun to fall.
    grace = max(1, spec.epochs // 3)
    if spec.scheduler == "median":
        return MedianStoppingRule(
            time_attr=TRAINING_ITERATION, grace_period=grace, min_samples_required=3
        )
    return ASHAScheduler(max_t=spec.epochs, grace_period=grace, reduction_factor=3)


def _record(
    spec: JobSpec, development: Development, number: int, result: tune.Result
) -> TrialRecord:
    architecture, recipe = realise(
        spec, result.config, development.input_shape, development.outputs
    )
    metrics: dict[str, Any] = result.metrics or {}
    failed = result.error is not None or METRIC not in metrics
    return TrialRecord(
        number=number,
        architecture=architecture,
        recipe=recipe,
        accuracy=metrics.get(METRIC),
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
