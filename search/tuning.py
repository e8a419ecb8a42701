"""Ray Tune over Optuna's suggestions, resumable, whatever it is that the trials train."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ray import tune
from ray.tune.experiment import Trial
from ray.tune.logger import JsonLoggerCallback
from ray.tune.schedulers import (
    ASHAScheduler,
    FIFOScheduler,
    MedianStoppingRule,
    TrialScheduler,
)

from agents import failures, resources
from agents.resources import Need
from agents.waiting import Waiting
from search import controller, snapshots, trial_workers, tune_storage
from search.budget import Budget
from search.guard import Guard
from search.history import STATE
from search.listeners import Listeners, Once, TrialListener
from search.numbering import number_of
from search.observer import TrialObserver
from search.restoring import persistently
from search.searcher import JobSearch
from search.tune_storage import EndKeeper
from search.unfinished import Forgetter
from secateur.errors import StageError
from secateur.records import TimeBound
from secateur.spec import ExplorationSpec, LimitsSpec

_UNBOUNDED = -1

# Snapshots of the experiment at most a second old, and no complaint that they are frequent.
os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "1")
os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")
# Of what Tune writes about a trial only result.json is read again: the others, CSV and TensorBoard,
# cost the driver a file and a thread a trial.
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")


@dataclass(frozen=True)
class Tuning:
    """One search, as Tune plays it.

    Attributes:
        spec: how many trials, and which scheduler.
        folder: of the job; an earlier search in it that was interrupted goes on.
        trainable: one trial; it takes the point as ``config``.
        searcher: makes what suggests the points, for a search that begins.
        metric: name of the reported value that is maximised.
        age: name of the reported value that tells a trial's age, in any unit.
        grown: the age of a trial that ran its full budget.
        limits: what trials may take.
        tell: takes a line for people whenever a trial or the search itself broke, or waits.
    """

    spec: ExplorationSpec
    folder: Path
    trainable: Callable[..., None]
    searcher: Callable[[], JobSearch]
    metric: str
    age: str
    grown: float
    limits: LimitsSpec = field(default_factory=LimitsSpec)
    tell: Callable[[str], None] = lambda _: None

    def play(
        self, listener: TrialListener, budget: Budget
    ) -> tuple[tuple[tune.Result, ...], Literal["trials"] | TimeBound]:
        """Run trials until there are enough.

        Enough is ``spec.trials``, or when ``budget`` is spent: no trial begins after that, and
        those that have begun go on to their end. A trial that raises, hangs or loses its
        process is tried once more, and then counts as failed.

        Args:
            listener: hears of every trial.
            budget: in time; it must count what an earlier search in the folder has spent.

        Returns:
            What the trials reported, in their order, and what bounded the search.

        Raises:
            KeyboardInterrupt: the search was interrupted; its state is saved.
            DiskError: the disk is full, or as good as that by the limits; as above.
            StageError: too many trials failed in a row, or Tune broke too often; as above.
        """
        waits = Waiting("search", Need(gpus=self.spec.gpus), self.tell)
        guard = Guard(self.limits, self.folder, self.tell, waits, _interrupt)
        once = Once(listener)
        JobSearch.enough[self.folder.name] = lambda: budget.reached() is not None
        controller.install()
        trial_workers.install()
        snapshots.install()
        try:
            results = persistently(
                lambda: self._fitted(once, guard),
                lambda: guard.count,
                self.folder,
                self.tell,
            )
        finally:
            del JobSearch.enough[self.folder.name]
        if guard.verdict is not None:
            raise guard.verdict
        ended = sum(_ended(result) for result in results)
        stopped_by = "trials" if ended == self.spec.most else budget.reached()
        if stopped_by is None or ended < len(results):
            raise KeyboardInterrupt(f"search stopped after {ended} trials, of {self.spec.told()}")
        Forgetter(self.folder).forget_all()
        return results, stopped_by

    def _fitted(self, listener: TrialListener, guard: Guard) -> tuple[tune.Result, ...]:
        """What trials reported, in their order, when Tune has come to an end or a stop."""
        name, tuner = self.folder.name, self._restored() or self._begun()
        ending = EndKeeper(self.folder), Forgetter(self.folder)
        TrialObserver.listeners[name] = Listeners(listener, *ending)
        TrialObserver.guards[name] = guard
        handler = signal.getsignal(signal.SIGINT)
        try:
            return _in_order(tuner.fit())
        finally:
            # Tune leaves a handler of its own behind, which would swallow the next Ctrl-C.
            signal.signal(signal.SIGINT, handler)
            del TrialObserver.listeners[name], TrialObserver.guards[name]

    def _restored(self) -> tune.Tuner | None:
        """The search that was interrupted in this folder, if there is one."""
        if not tune_storage.begun(self.folder):
            return None
        path, files = tune_storage.place(self.folder)
        return tune.Tuner.restore(
            f"{path}/{STATE}", self._placed(), restart_errored=False, storage_filesystem=files
        )

    def _begun(self) -> tune.Tuner:
        path, files = tune_storage.place(self.folder)
        return tune.Tuner(
            self._placed(),
            tune_config=tune.TuneConfig(
                metric=self.metric,
                mode="max",
                search_alg=self.searcher(),
                scheduler=self._scheduler(),
                num_samples=self.spec.most or _UNBOUNDED,
                max_concurrent_trials=_parallel(self.spec),
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name=STATE,
                storage_path=path,
                storage_filesystem=files,
                callbacks=[TrialObserver(self.folder.name), JsonLoggerCallback()],
                failure_config=tune.FailureConfig(max_failures=1),
                verbose=0,
            ),
        )

    def _placed(self) -> Any:
        return tune.with_resources(self.trainable, {"cpu": 1, "gpu": self.spec.gpus})

    def _scheduler(self) -> TrialScheduler:
        # A rate that falls to zero says little about a network before it has begun to fall.
        young = max(1, self.grown // 3)
        if self.spec.scheduler == "median":
            return MedianStoppingRule(
                time_attr=self.age, grace_period=young, min_samples_required=3
            )
        if self.spec.scheduler == "asha":
            return ASHAScheduler(
                time_attr=self.age, max_t=self.grown, grace_period=young, reduction_factor=3
            )
        return FIFOScheduler()


def none_finished(results: Sequence[tune.Result], stopped_by: str, folder: Path) -> StageError:
    """That of all trials of a search not one ran its full budget, and why the last failed."""
    bound = "" if stopped_by == "trials" else f" within search.budget.{stopped_by}"
    errors = [result.error for result in results if result.error is not None]
    why = f", {len(errors)} failed, at last: {failures.told(errors[-1])}" if errors else ""
    return StageError(
        f"search: none of {len(results)} trials finished{bound}{why}; see {folder / STATE}"
    )


def _in_order(found: tune.ResultGrid) -> tuple[tune.Result, ...]:
    """The results by the numbers of their trials; the grid has them as they were restored."""
    # The grid itself says of a trial that reported nothing not even its name.
    trials = found._experiment_analysis.trials
    numbered = sorted(enumerate(trials), key=lambda pair: number_of(pair[1]))
    return tuple(_with_point(found[place], trial) for place, trial in numbered)


def _with_point(result: tune.Result, trial: Trial) -> tune.Result:
    """A restored search says nothing else of a trial that failed before its first report."""
    metrics = {"config": trial.config} | (result.metrics or {})
    return replace(result, metrics=metrics)


def _interrupt() -> None:
    """End Tune's loop as Ctrl-C does: its state is saved, and what runs is ended."""
    signal.raise_signal(signal.SIGINT)


def _parallel(spec: ExplorationSpec) -> int:
    """Trials at once; those that waited for room would begin after a budget in time is spent."""
    if spec.budget is None:
        return spec.parallel
    return min(spec.parallel, resources.at_once(Need(gpus=spec.gpus)))


def _ended(result: tune.Result) -> bool:
    """Whether a trial came to an end of its own, rather than with an interrupted search."""
    return result.error is not None or bool((result.metrics or {}).get("done"))
