"""Passes what Tune's trials do on to a listener in the driver."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ray.tune import Callback
from ray.tune.experiment import Trial


class TrialListener(Protocol):
    """Hears of the trials of one search, in the driver."""

    def kept(
        self,
        trial: str,
        number: int,
        point: dict[str, Any],
        result: dict[str, Any],
        *,
        failed: bool,
    ) -> None:
        """A trial had ended before the search was interrupted; ``result`` is its last."""
        ...

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """A trial began, or begins again after a restart."""
        ...

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """A trial finished an epoch."""
        ...

    def ended(self, trial: str, *, failed: bool) -> None:
        """A trial will report no more."""
        ...


class Listeners:
    """Several listeners as one, in order."""

    def __init__(self, *listeners: TrialListener) -> None:
        self._listeners = listeners

    def kept(
        self,
        trial: str,
        number: int,
        point: dict[str, Any],
        result: dict[str, Any],
        *,
        failed: bool,
    ) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.kept(trial, number, point, result, failed=failed)

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.started(trial, number, point)

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.reported(trial, result)

    def ended(self, trial: str, *, failed: bool) -> None:
        """As ``TrialListener``."""
        for listener in self._listeners:
            listener.ended(trial, failed=failed)


class TrialObserver(Callback):
    """A Tune callback for the listener registered under a search's name.

    Tune pickles its callbacks beside the experiment and unpickles them on restore, so the
    callback carries the name alone; connections and displays stay in the driver.
    """

    listeners: ClassVar[dict[str, TrialListener]] = {}

    def __init__(self, name: str) -> None:
        self._name, self._begun = name, False

    def __reduce__(self) -> tuple[type[TrialObserver], tuple[str]]:
        """Rebuild from the name."""
        return TrialObserver, (self._name,)

    def on_step_begin(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        """A search goes on: before its first step those trials are told that had ended."""
        if self._begun:
            return
        self._begun = True
        for number, trial in enumerate(trials):
            if trial.is_finished():
                failed = trial.status == Trial.ERROR
                self.listeners[self._name].kept(
                    trial.trial_id, number, trial.config, trial.last_result, failed=failed
                )

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
        self.listeners[self._name].ended(trial.trial_id, failed=False)

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """A trial raised."""
        self.listeners[self._name].ended(trial.trial_id, failed=True)
