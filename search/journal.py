"""Keeps the tracker abreast of the trials of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from search import run_keys
from search.listeners import TrialListener
from search.parameters import flat
from secateur.records import Scalar
from secateur.tracking import names
from secateur.tracking.port import Tracker


class SearchJournal(TrialListener):
    """Listens to trials: one run a trial, one step an epoch.

    The run of a trial that had ended before an interruption has all that it is to have.

    Args:
        tracker: takes the runs.
        parent: id of the search's run.
        score: what the tracker calls the task's score.
        parameters: of the point of a trial, by name.
    """

    def __init__(
        self,
        tracker: Tracker,
        parent: str,
        score: str = names.VALIDATION_ACCURACY,
        parameters: Callable[[dict[str, Any]], dict[str, Scalar]] = flat,
    ) -> None:
        self._parameters = parameters
        self._tracker, self._parent, self._score = tracker, parent, score
        self._runs: dict[str, str] = {}
        self._whole: set[str] = set()

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """Open the trial's run."""
        self._runs[trial] = self._tracker.start(
            run_keys.trial(number),
            name=f"trial-{number:04d} {point['network']}",
            parent=self._parent,
            parameters=self._parameters(point),
            tags={names.STAGE: "search"},
            # A restored search may choose this number's point anew.
            identity=trial,
        )

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """Record an epoch."""
        if result["last"]:
            self._whole.add(trial)
        for step, metrics in self._steps(result):
            self._tracker.log(self._runs[trial], metrics, step)

    def _steps(self, result: dict[str, Any]) -> Iterator[tuple[int, dict[str, float]]]:
        """The metrics of a report, by step."""
        metrics = {
            names.TRAIN_LOSS: result["train_loss"],
            names.VALIDATION_LOSS: result["validation_loss"],
            self._score: result["validation_accuracy"],
        }
        if result["epoch"] == 1:
            metrics[names.FLOPS] = result["flops"]
        yield result["epoch"], metrics

    def ended(self, trial: str, *, failed: bool) -> None:
        """Close the trial's run with the reason why it ended."""
        early = not failed and trial not in self._whole
        reason = "failed" if failed else "scheduler" if early else "full budget"
        self._tracker.end(
            self._runs[trial], "FAILED" if failed else "KILLED" if early else "FINISHED", reason
        )
