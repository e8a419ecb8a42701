"""Passes what Tune's trials do on to a listener in the driver."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ray.tune import Callback
from ray.tune.experiment import Trial


class TrialListener(Protocol):
    """Hears of the trials of one search, in the driver."""

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """A trial began, or begins again after a restart."""
        ...

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """A trial finished an epoch."""
        ...

    def ended(self, trial: str, done: int, *, failed: bool) -> None:
        """A trial will report no more; ``done`` have ended by now, in earlier runs too."""
        ...


class TrialObserver(Callback):
    """A Tune callback for the listener registered under a search's name.

    Tune pickles its callbacks beside the experiment and unpickles them on restore, so the
    callback carries the name alone; connections and displays stay in the driver.
    """

    listeners: ClassVar[dict[str, TrialListener]] = {}

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> tuple[type[TrialObserver], tuple[str]]:
        """Rebuild from the name."""
        return TrialObserver, (self._name,)

    def on_trial_start(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial was placed on a worker."""
        number = next(place for place, other in enumerate(trials) if other is trial)
        self.listeners[self._name].started(trial.trial_id, number, trial.config)

    def on_trial_result(
        self, iteration: int, trials: list[Trial], trial: Trial, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial reported an epoch."""
        self.listeners[self._name].reported(trial.trial_id, result)

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial ran to its end or was stopped by the scheduler."""
        self._ended(trials, trial, failed=False)

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial raised."""
        self._ended(trials, trial, failed=True)

    def _ended(self, trials: list[Trial], trial: Trial, *, failed: bool) -> None:
        done = 1 + sum(other.is_finished() for other in trials if other is not trial)
        self.listeners[self._name].ended(trial.trial_id, done, failed=failed)
