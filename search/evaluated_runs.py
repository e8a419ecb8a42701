"""Runs of what the evaluation measured, and marks on all that led to what is put forward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from search import run_keys
from search.reports.figures import target_name
from secateur.records import Evaluation, GenerativeEvaluation, PruningResult
from secateur.tracking import names
from secateur.tracking.port import Tracker

_WINNER = {names.WINNER: "true"}


def track(
    tracker: Tracker,
    parent: str,
    evaluation: Evaluation | GenerativeEvaluation,
    chosen_by: Callable[[Any], dict[str, float]],
) -> None:
    """A run a network, dense and compressed, with all its figures.

    Args:
        tracker: takes the runs.
        parent: handle of the evaluation's run.
        evaluation: what was measured.
        chosen_by: the figures by which a network of the evaluation was chosen, by name.
    """
    dense = evaluation.dense.figures
    for model in (evaluation.dense, *evaluation.compressed):
        run = tracker.start(
            run_keys.evaluated(model.target),
            name=f"evaluate {target_name(model.target)}",
            parent=parent,
            parameters={names.TARGET: model.target},
            tags={names.STAGE: "evaluate"},
        )
        cut = {names.FLOPS_CUT: 1 - model.figures.flops / dense.flops}
        tracker.log(run, names.measured(model.figures) | chosen_by(model) | cut)
        tracker.end(run)


def crown(tracker: Tracker, pruned: Sequence[PruningResult], target: float) -> None:
    """Mark the network that is put forward, and the agent and the recovery that made it."""
    tracker.tag(run_keys.evaluated(target), _WINNER)
    for result in pruned:
        if result.target == target:
            tracker.tag(run_keys.agent(target, result.seed), _WINNER)
            tracker.tag(run_keys.recovery(target), _WINNER)


def crown_trial(tracker: Tracker, number: int) -> None:
    """Mark the trial that won the search."""
    tracker.tag(run_keys.trial(number), _WINNER)
