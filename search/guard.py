"""Looks after the trials of a search: ends those that hang, and a search that leads nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import ray
from ray import cloudpickle
from ray.tune.experiment import Trial

from agents import failures
from agents.silence import Silence
from agents.waiting import Waiting
from search import disk
from search.budget import Clock
from search.numbering import number_of
from secateur.errors import DiskError, SecateurError, StageError
from secateur.spec import LimitsSpec

IN_A_ROW = 10
"""So many trials that fail one after the other end a search; those that diverged leave the
count as it is, since that says something about their points, not about the machine."""

LOOK_EVERY_S = 1.0
"""So often the disk is looked at, at most."""


class Guard:
    """Hears from Tune's loop of every trial, in the driver.

    Args:
        limits: of the job.
        folder: of the job.
        tell: takes a line for people whenever a trial failed.
        waits: hears whether any trial runs.
        stop: ends the search in an orderly way; ``verdict`` says why.
        clock: that silence is measured by.
    """

    def __init__(
        self,
        limits: LimitsSpec,
        folder: Path,
        tell: Callable[[str], None],
        waits: Waiting,
        stop: Callable[[], None],
        clock: Clock = time.monotonic,
    ) -> None:
        self._limits, self._folder, self._tell, self._stop = limits, folder, tell, stop
        self._clock, self._next_look = clock, clock()
        self._waits = waits
        self._silence: Silence[Trial] = Silence(limits.silence_seconds, clock)
        self._failed = 0
        self.count = 0
        """Trials that have come to an end."""
        self.verdict: StageError | None = None
        """Why the search was ended; nothing where it was not."""

    def heard(self, trial: Trial) -> None:
        """A trial was placed on a worker, for the first time or again, or reported."""
        self._silence.heard(trial)
        self._waits.runs()
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + LOOK_EVERY_S
            try:
                disk.check(self._folder, self._limits.disk_gb)
            except DiskError as error:
                self._end(error)

    def ended(self, trial: Trial) -> None:
        """A trial ran to its end or was stopped by the scheduler."""
        self._silence.gone(trial)
        self.count += 1
        self._failed = 0

    def failed(self, trial: Trial, *, again: bool) -> None:
        """A trial raised or lost its process; it may be tried ``again``."""
        self._silence.gone(trial)
        error = _error(trial)
        if disk.out_of_room(failures.cause(error)):
            self._end(disk.filled(self._folder))
        diverged = isinstance(failures.cause(error), SecateurError)
        if not (diverged and again):
            self._tell(
                f"search: trial {number_of(trial)} "
                f"{'is tried again' if again else 'failed'}: {failures.told(error)}"
            )
        if again:
            return
        self.count += 1
        self._failed += not diverged
        if self._failed == IN_A_ROW:
            self._end(
                StageError(
                    f"search: {IN_A_ROW} trials failed one after the other, at last: "
                    f"{failures.told(error)}; the same command goes on with the trials left"
                )
            )

    def look(self) -> None:
        """End the processes of trials that hang, and say so when all wait; Tune does neither."""
        if not self._silence:
            self._waits.look()
        while (trial := self._silence.broken()) is not None:
            if (process := trial.temporary_state.ray_actor) is not None:
                ray.kill(process)

    def _end(self, verdict: StageError) -> None:
        if self.verdict is None:
            self.verdict = verdict
            self._stop()


def _error(trial: Trial) -> BaseException:
    """What a trial raised last, as Tune keeps it in the driver's own folder."""
    file = trial.pickled_error_file
    if file is None or not Path(file).exists():
        return RuntimeError("no error was kept")
    error: BaseException = cloudpickle.loads(Path(file).read_bytes())
    return error
