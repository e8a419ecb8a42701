"""Passes what Tune's trials do on to a listener in the driver."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ray.tune import Callback
from ray.tune.experiment import Trial

from search.guard import Guard
from search.numbering import number_of


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


class Silent:
    """A listener that does nothing; others say what they do."""

    def kept(self, *_: Any, **__: Any) -> None:
        """Nothing to do."""

    def started(self, *_: Any, **__: Any) -> None:
        """Nothing to do."""

    def reported(self, *_: Any, **__: Any) -> None:
        """Nothing to do."""

    def ended(self, *_: Any, **__: Any) -> None:
        """Nothing to do."""


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


class Once(Listeners):
    """One listener through several attempts at a search, with this difference:

    - of a trial whose end it has heard it is not told again that it had ended.
    """

    def __init__(self, listener: TrialListener) -> None:
        super().__init__(listener)
        self._ended: set[str] = set()

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
        if trial not in self._ended:
            self._ended.add(trial)
            super().kept(trial, number, point, result, failed=failed)

    def ended(self, trial: str, *, failed: bool) -> None:
        """As ``TrialListener``."""
        self._ended.add(trial)
        super().ended(trial, failed=failed)


class TrialObserver(Callback):
    """A Tune callback for the listener and the guard registered under a search's name.

    Tune pickles its callbacks beside the experiment and unpickles them on restore, so the
    callback carries the name alone; connections and displays stay in the driver.
    """

    listeners: ClassVar[dict[str, TrialListener]] = {}
    guards: ClassVar[dict[str, Guard]] = {}

    def __init__(self, name: str) -> None:
        self._name, self._begun = name, False
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
            self.listeners[self._name].kept(
                trial.trial_id,
                number_of(trial),
                trial.config,
                trial.last_result,
                failed=trial.status == Trial.ERROR,
            )

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
