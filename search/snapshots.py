"""How often the state of a search is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ray.tune.execution import tune_controller
from ray.tune.execution.experiment_state import _ExperimentCheckpointManager

SHARE = 0.05
"""Of the driver's processor time, that snapshots take at most."""


class Snapshots(_ExperimentCheckpointManager):
    """Tune's keeper of a search's state, with this difference:

    - snapshots are as frequent as is asked for while they are cheap; those of thousands of
      trials, each of which they hold, come as rarely as lets them take a twentieth of the time.
    """

    _checkpoint_period: float

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._least = self._checkpoint_period

    def sync_up_experiment_state(
        self, save_fn: Callable[[], None], force: bool = False, wait: bool = False
    ) -> None:
        """Take a snapshot if it is time for one."""

        def saved() -> None:
            # Processor time: a busy machine is no reason to keep less.
            began = time.thread_time()
            save_fn()
            taken = time.thread_time() - began
            self._checkpoint_period = max(self._least, taken * (1 / SHARE - 1))

        super().sync_up_experiment_state(saved, force, wait)


def install() -> None:
    """Let Tune's searches in this process keep their state so; Tune has no option for it."""
    known = {_ExperimentCheckpointManager, Snapshots}
    assert tune_controller._ExperimentCheckpointManager in known
    tune_controller._ExperimentCheckpointManager = Snapshots
