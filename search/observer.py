"""Passes what Tune's trials do on to a listener in the driver."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ray.tune import Callback
from ray.tune.experiment import Trial

from search.guard import Guard
from search.listeners import TrialEnd, TrialListener
from search.numbering import number_of


class TrialObserver(Callback):
    """A Tune callback for the listener and the guard registered under a search's name.

    Tune pickles its callbacks beside the experiment and unpickles them on restore, so the
    callback carries the name alone; connections and displays stay in the driver.

    Args:
        name: of the job's folder; searches that were begun before have its path, by which the
            home may be reached no more.
    """

    listeners: ClassVar[dict[str, TrialListener]] = {}
    guards: ClassVar[dict[str, Guard]] = {}

    def __init__(self, name: str) -> None:
        self._name, self._begun = Path(name).name, False
        self._started: set[str] = set()

    def __reduce__(self) -> tuple[type[TrialObserver], tuple[str]]:
        """Rebuild from the name."""
        return TrialObserver, (self._name,)

    def on_step_begin(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        """A search goes on: before its first step those trials are told that had ended."""
        if self._begun:
            return
        self._begun = True
        for trial in sorted(filter(Trial.is_finished, trials), key=number_of):
            end = TrialEnd(
                trial=trial.trial_id,
                number=number_of(trial),
                point=trial.config,
                result=trial.last_result,
                failed=trial.status == Trial.ERROR,
            )
            self.listeners[self._name].kept(end)

    def on_step_end(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        """Tune has waited a moment for something to happen."""
        self.guards[self._name].look()

    def on_trial_start(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial was placed on a worker."""
        self.guards[self._name].heard(trial)
        self._start(trial)

    def on_trial_result(
        self, iteration: int, trials: list[Trial], trial: Trial, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial reported an epoch."""
        self.guards[self._name].heard(trial)
        self.listeners[self._name].reported(trial.trial_id, result)

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial ran to its end or was stopped by the scheduler."""
        self.guards[self._name].ended(trial)
        self.listeners[self._name].ended(trial.trial_id, failed=False)

    def on_trial_recover(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial raised or lost its process, and is tried again."""
        self.guards[self._name].failed(trial, again=True)

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial raised or lost its process, for the last time."""
        self.guards[self._name].failed(trial, again=False)
        if trial.trial_id not in self._started:
            # No process of it ever came up.
            self._start(trial)
        self.listeners[self._name].ended(trial.trial_id, failed=True)

    def _start(self, trial: Trial) -> None:
        self._started.add(trial.trial_id)
        self.listeners[self._name].started(trial.trial_id, number_of(trial), trial.config)
