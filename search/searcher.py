"""Ray's Optuna searcher, told the truth about trials that did not finish."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any, ClassVar

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from ray.tune.result import TRAINING_ITERATION
from ray.tune.search.optuna import OptunaSearch

from search.history import KNOWN, History
from search.space import JobSpace
from secateur.spec import ExplorationSpec, SearchSpec

_UNKNOWN = 40
LAST = "last"
"""Name of the reported value that tells a trial's last epoch."""

# It announces every study and trial; the journal does that. Its warnings are about packages
# that would make it faster.
optuna.logging.set_verbosity(optuna.logging.ERROR)


class GridSampler(BruteForceSampler):
    """Optuna's brute force, which knows conditional spaces, with this difference:

    - it ends no study by itself, which Optuna allows inside ``optimize`` alone; a job asks for
      as many trials as it wants.
    """

    def after_trial(self, *_: Any) -> None:
        """Nothing to do."""


class NSGA2Sampler(NSGAIISampler):
    """NSGA-II (Deb et al. 2002) with this difference:

    - the first population includes what an earlier search knows.
    """

    def get_population(self, study: Study, generation: int) -> list[FrozenTrial]:
        """The trials of a generation, those known before with the first."""
        population: list[FrozenTrial] = super().get_population(study, generation)
        if generation == 0:
            population += [trial for trial in study.trials if trial.user_attrs.get(KNOWN)]
        return population


SAMPLERS: dict[str, Callable[[ExplorationSpec, int], BaseSampler]] = {
    # A third of a small budget explores at random before a model is asked.
    "tpe": lambda spec, seed: TPESampler(seed=seed, n_startup_trials=_startup(spec)),
    # What only some families have is beyond the next three, choices beyond the second: they
    # draw that at random.
    "gp": lambda spec, seed: GPSampler(
        seed=seed, n_startup_trials=_startup(spec), warn_independent_sampling=False
    ),
    "cmaes": lambda spec, seed: CmaEsSampler(
        seed=seed, n_startup_trials=_startup(spec), warn_independent_sampling=False
    ),
    # A quarter of the budget a generation: the default of 50 would be random throughout.
    "nsga2": lambda spec, seed: NSGA2Sampler(
        seed=seed, population_size=max(2, min(50, _expected(spec) // 4))
    ),
    "qmc": lambda _, seed: QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False),
    "grid": lambda _, seed: GridSampler(seed=seed),
    "random": lambda _, seed: RandomSampler(seed=seed),
}
"""By the name that specs call them."""


def sampler(spec: ExplorationSpec, seed: int) -> BaseSampler:
    """The sampler that a spec names."""
    with warnings.catch_warnings():
        # Optuna calls some of its samplers experimental; their tests here are not.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return SAMPLERS[spec.sampler](spec, seed)


def _startup(spec: ExplorationSpec) -> int:
    return max(1, min(10, _expected(spec) // 3))


def _expected(spec: ExplorationSpec) -> int:
    """Trials that a sampler is to reckon with; how many a time allows nobody knows before."""
    return spec.most or _UNKNOWN


class JobSearch(OptunaSearch):
    """OptunaSearch with these differences:

    - a trial that the scheduler stopped before its last epoch is PRUNED, not COMPLETE, so
      that its value is not taken for one of a full budget;
    - a trial that begins again after its worker was lost reports each epoch once;
    - a trial that diverged is FAIL; as COMPLETE with NaN it would stay RUNNING for ever;
    - for ``nsga2`` a trial below the least accuracy is PRUNED too, so that it breeds none;
    - it may know trials of an earlier search;
    - it ends the search where ``enough`` of this class says so under its name. Tune pickles
      searchers beside the experiment: what the driver knows stays in the driver.

    Args:
        spec: of the search.
        seed: of the sampler.
        accuracy: name of the reported value that is maximised, an accuracy or another score.
        flops: name of the reported value that ``nsga2`` minimises beside it.
        history: what is known before the first trial.
        name: of the search, in ``enough``.
    """

    enough: ClassVar[dict[str, Callable[[], bool]]] = {}
    _name = ""  # in searches that were begun before there were budgets

    def __init__(
        self,
        spec: ExplorationSpec,
        seed: int,
        accuracy: str,
        flops: str,
        history: History | None = None,
        name: str = "",
    ) -> None:
        both = spec.sampler == "nsga2"
        super().__init__(
            space=JobSpace(spec),
            metric=[accuracy, flops] if both else accuracy,
            mode=["max", "min"] if both else "max",
            sampler=sampler(spec, seed),
        )
        self._accuracy, self._name = accuracy, name
        self._floor = spec.min_accuracy if both and isinstance(spec, SearchSpec) else -inf
        self._reported: dict[str, int] = {}
        history = history or History()
        self._ot_study.add_trials(history.known)
        for point in history.first:
            self._ot_study.enqueue_trial(point)

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """The next point, or that there is enough.

        Ray's warning is left out that a model takes a second to find it.
        """
        # Searches that were begun before had the path of their folder for a name.
        name = Path(self._name).name
        if name in self.enough and self.enough[name]():
            return str(self.FINISHED)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Define-by-run function")
            point: dict[str, Any] | None = super().suggest(trial_id)
        return point

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
        if error or not result or not isfinite(result.get(self._accuracy, nan)):
            return TrialState.FAIL
        if not result[LAST] or result[self._accuracy] < self._floor:
            return TrialState.PRUNED
        return TrialState.COMPLETE
