"""Keeps tracker and display abreast of the trials of a search."""

from __future__ import annotations

from typing import Any

from search.progress import Bar
from secateur.tracking import names
from secateur.tracking.port import Tracker


class SearchJournal:
    """Listens to trials: one run a trial, one step an epoch, one bar for all.

    Args:
        tracker: takes the runs.
        parent: id of the search's run.
        bar: of the search.
        score: what the tracker calls the task's score.
    """

    def __init__(
        self, tracker: Tracker, parent: str, bar: Bar, score: str = names.VALIDATION_ACCURACY
    ) -> None:
        self._tracker, self._parent, self._bar, self._score = tracker, parent, bar, score
        self._runs: dict[str, str] = {}
        self._accuracy: dict[str, float] = {}
        self._whole: set[str] = set()
        self._full: list[float] = []
        self._stopped = 0

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        """Open the trial's run."""
        flat = {"network": point["network"]}
        for group, values in point.items():
            if isinstance(values, dict):
                flat |= {f"{group}.{field}": value for field, value in values.items()}
        self._runs[trial] = self._tracker.start(
            f"search/trial-{number:04d}",
            name=f"trial-{number:04d} {point['network']}",
            parent=self._parent,
            parameters=flat,
            tags={names.STAGE: "search"},
        )

    def reported(self, trial: str, result: dict[str, Any]) -> None:
        """Record an epoch."""
        self._accuracy[trial] = result["validation_accuracy"]
        if result["last"]:
            self._whole.add(trial)
        metrics = {
            names.TRAIN_LOSS: result["train_loss"],
            names.VALIDATION_LOSS: result["validation_loss"],
            self._score: result["validation_accuracy"],
        }
        if result["epoch"] == 1:
            metrics[names.FLOPS] = result["flops"]
        self._tracker.log(self._runs[trial], metrics, result["epoch"])

    def ended(self, trial: str, done: int, *, failed: bool) -> None:
        """Close the trial's run with the reason why it ended."""
        early = not failed and trial not in self._whole
        reason = "failed" if failed else "scheduler" if early else "full budget"
        self._tracker.end(
            self._runs[trial], "FAILED" if failed else "KILLED" if early else "FINISHED", reason
        )
        self._stopped += early
        if not (failed or early):
            self._full.append(self._accuracy[trial])
        best = f"best {max(self._full):.2%}" if self._full else ""
        self._bar.update(done, f"{self._stopped} stopped early  {best}")
