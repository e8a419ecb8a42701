"""Ray Tune over Optuna's suggestions, resumable, whatever it is that the trials train."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ray import tune
from ray.tune.schedulers import (
    ASHAScheduler,
    FIFOScheduler,
    MedianStoppingRule,
    TrialScheduler,
)

from agents import resources
from search.budget import Budget
from search.history import STATE
from search.observer import TrialListener, TrialObserver
from search.searcher import JobSearch
from secateur.errors import StageError
from secateur.records import TimeBound
from secateur.spec import ExplorationSpec

_UNBOUNDED = -1

# Snapshots of the experiment at most a second old, and no complaint that they are frequent.
os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "1")
os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")


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
    """

    spec: ExplorationSpec
    folder: Path
    trainable: Callable[..., None]
    searcher: Callable[[], JobSearch]
    metric: str
    age: str
    grown: float

    def play(
        self, listener: TrialListener, budget: Budget
    ) -> tuple[tune.ResultGrid, Literal["trials"] | TimeBound]:
        """Run trials until there are enough.

        Enough is ``spec.trials``, or when ``budget`` is spent: no trial begins after that, and
        those that have begun go on to their end.

        Args:
            listener: hears of every trial.
            budget: in time; it must count what an earlier search in the folder has spent.

        Returns:
            What the trials reported, in their order, and what bounded the search.

        Raises:
            KeyboardInterrupt: the search was interrupted; its state is saved.
        """
        name, tuner = str(self.folder), self._restored() or self._begun()
        TrialObserver.listeners[name] = listener
        JobSearch.enough[name] = lambda: budget.reached() is not None
        handler = signal.getsignal(signal.SIGINT)
        try:
            results = tuner.fit()
        finally:
            # Tune leaves a handler of its own behind, which would swallow the next Ctrl-C.
            signal.signal(signal.SIGINT, handler)
            del TrialObserver.listeners[name], JobSearch.enough[name]
        ended = sum(_ended(result) for result in results)
        stopped_by = "trials" if ended == self.spec.most else budget.reached()
        if stopped_by is None or ended < len(results):
            raise KeyboardInterrupt(f"search stopped after {ended} trials, of {self.spec.told()}")
        return results, stopped_by

    def _restored(self) -> tune.Tuner | None:
        """The search that was interrupted in this folder, if there is one."""
        state = str(self.folder / STATE)
        if not tune.Tuner.can_restore(state):
            return None
        return tune.Tuner.restore(state, self._placed(), restart_errored=False)

    def _begun(self) -> tune.Tuner:
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
                storage_path=str(self.folder),
                callbacks=[TrialObserver(str(self.folder))],
                failure_config=tune.FailureConfig(max_failures=1),
                verbose=0,
            ),
        )

    def _placed(self) -> Any:
        return tune.with_resources(self.trainable, {"cpu": 1})

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


def none_finished(trials: int, stopped_by: str, folder: Path) -> StageError:
    """That of all trials of a search not one ran its full budget."""
    bound = "" if stopped_by == "trials" else f" within search.budget.{stopped_by}"
    return StageError(f"search: none of {trials} trials finished{bound}; see {folder / STATE}")


def _parallel(spec: ExplorationSpec) -> int:
    """Trials at once; those that waited for a CPU would begin after a budget in time is spent."""
    return spec.parallel if spec.budget is None else min(spec.parallel, resources.at_once(1))


def _ended(result: tune.Result) -> bool:
    """Whether a trial came to an end of its own, rather than with an interrupted search."""
    return result.error is not None or bool((result.metrics or {}).get("done"))
