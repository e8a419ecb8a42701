"""Ray's Optuna searcher, told the truth about trials that did not finish."""

from __future__ import annotations

from typing import Any

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState
from ray.tune.result import TRAINING_ITERATION
from ray.tune.search.optuna import OptunaSearch

from search.space import JobSpace
from secateur.spec import SearchSpec

# It announces every study and trial; the journal does that.
optuna.logging.set_verbosity(optuna.logging.WARNING)


def sampler(spec: SearchSpec, seed: int) -> BaseSampler:
    """The sampler that a spec names."""
    if spec.sampler == "random":
        return RandomSampler(seed=seed)
    # A third of a small budget explores at random before the model is asked.
    return TPESampler(seed=seed, n_startup_trials=max(1, min(10, spec.trials // 3)))


class JobSearch(OptunaSearch):
    """OptunaSearch with these differences:

    - a trial that the scheduler stopped early is PRUNED, not COMPLETE, so that its value is
      not taken for one of a full budget;
    - a trial that begins again after its worker was lost reports each epoch once;
    - a trial that diverged is FAIL; as COMPLETE with NaN it would stay RUNNING for ever.

    Args:
        spec: of the search.
        seed: of the sampler.
        metric: name of the reported value, which is maximised.
    """

    def __init__(self, spec: SearchSpec, seed: int, metric: str) -> None:
        super().__init__(
            space=JobSpace(spec), metric=metric, mode="max", sampler=sampler(spec, seed)
        )
        self._budget = spec.epochs
        self._reported: dict[str, int] = {}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Tell Optuna of an epoch."""
        if result[TRAINING_ITERATION] > self._reported.get(trial_id, 0):
            self._reported[trial_id] = result[TRAINING_ITERATION]
            super().on_trial_result(trial_id, result)

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tell Optuna how a trial ended."""
        state = self._state(result, error=error)
        if state is TrialState.COMPLETE or trial_id in self._completed_trials:
            super().on_trial_complete(trial_id, result, error)
            return
        self._ot_study.tell(self._ot_trials[trial_id], state=state)
        self._completed_trials.add(trial_id)

    def _state(self, result: dict[str, Any] | None, *, error: bool) -> TrialState:
        if error or not result or self.metric not in result:
            return TrialState.FAIL
        if result[TRAINING_ITERATION] < self._budget:
            return TrialState.PRUNED
        return TrialState.COMPLETE
