"""How Tune takes it when Ray ends a trial's process for want of memory."""

from __future__ import annotations

from typing import Any

from ray.air.execution._internal import RayActorManager
from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.tune.execution import tune_controller

from agents import failures


class TrialWorkers(RayActorManager):
    """Tune's keeper of trial processes, with this difference:

    - an error of Ray that is neither a lost process nor a failed task, as that of its memory
      monitor, costs the trial its process; Tune would give up the whole search.
    """

    def _actor_task_failed(self, tracked_actor_task: Any, exception: Exception) -> None:
        known = isinstance(exception, RayActorError | RayTaskError)
        if isinstance(exception, RayError) and not known:
            exception = RayActorError(error_msg=failures.told(exception))
        super()._actor_task_failed(tracked_actor_task, exception)


def install() -> None:
    """Let Tune's searches in this process keep their trials so; Tune has no option for it."""
    assert tune_controller.RayActorManager in {RayActorManager, TrialWorkers}
    tune_controller.RayActorManager = TrialWorkers
