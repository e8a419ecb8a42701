"""How Tune's loop takes the failure of a trial."""

from __future__ import annotations

from ray.tune import tune as tune_module
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial


class Controller(TuneController):
    """Tune's loop, with these differences:

    - a process that is lost while a trial is being readied in it costs that trial one failure;
      Tune tells it both as the process's and as the trial's, and would give the trial up;
    - what a failure has made of a trial is in the next snapshot of the search, whether or not
      the trial still had a process; a search that is restored would not know of it.
    """

    _told: Exception | None = None

    def _process_trial_failure(self, trial: Trial, exception: Exception) -> None:
        if exception is self._told:
            return
        self._told = exception
        super()._process_trial_failure(trial, exception)
        self._mark_trial_to_checkpoint(trial)


def install() -> None:
    """Let Tune's searches in this process run so; Tune has no option for it."""
    assert tune_module.TuneController in {TuneController, Controller}
    tune_module.TuneController = Controller
