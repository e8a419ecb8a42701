"""Runs of what the evaluation measured, and marks on all that led to what is put forward."""

from __future__ import annotations

from collections.abc import Sequence

from search import run_keys
from search.reports.figures import target_name
from secateur.records import EvaluatedModel, Evaluation, PruningResult
from secateur.tracking import names
from secateur.tracking.port import Tracker

_WINNER = {names.WINNER: "true"}


def track(tracker: Tracker, parent: str, evaluation: Evaluation, score: str) -> None:
    """A run a network, dense and compressed, with all its figures.

    Args:
        tracker: takes the runs.
        parent: handle of the evaluation's run.
        evaluation: what was measured.
        score: what the tracker calls the task's score on the validation split.
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
        tracker.log(run, _figures(model, dense.flops, score))
        tracker.end(run)


def crown(tracker: Tracker, pruned: Sequence[PruningResult], evaluation: Evaluation) -> None:
    """Mark the network that is put forward, and the agent and the recovery that made it."""
    target = evaluation.champion.target
    tracker.tag(run_keys.evaluated(target), _WINNER)
    for result in pruned:
        if result.target == target:
            tracker.tag(run_keys.agent(target, result.seed), _WINNER)
            tracker.tag(run_keys.recovery(target), _WINNER)


def crown_trial(tracker: Tracker, number: int) -> None:
    """Mark the trial that won the search."""
    tracker.tag(run_keys.trial(number), _WINNER)


def _figures(model: EvaluatedModel, dense_flops: int, score: str) -> dict[str, float]:
    return {
        **names.measured(model.figures),
        score: model.validation_accuracy,
        names.FLOPS_CUT: 1 - model.figures.flops / dense_flops,
    }
