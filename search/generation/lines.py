"""One line about each stage of a generative job, made from its record alone."""

from __future__ import annotations

from collections.abc import Sequence

from search.reports.figures import target_name
from search.reports.lines import describe, played_line, until
from secateur.records import (
    GenerativeEvaluation,
    GenerativeSearchResult,
    Likeness,
    PruningResult,
    RecoveredGenerator,
)


def judged(likeness: Likeness) -> str:
    """A judgement in a phrase."""
    collapsed = ", collapsed" if likeness.collapsed else ""
    return f"distance {likeness.distance:.3g}, coverage {likeness.coverage:.1%}{collapsed}"


def search_line(result: GenerativeSearchResult) -> str:
    """The search in one line."""
    ends = {"stopped early": result.count("stopped"), "failed": result.count("failed")}
    early = ", ".join(f"{count} {end}" for end, count in ends.items() if count) or "none stopped"
    bound = "" if result.stopped_by == "trials" else until("search", result.stopped_by)
    best = result.best
    return (
        f"{len(result.trials)} trials{bound}, {early}; best {describe(best.architecture)}: "
        f"{judged(result.likeness)} after {best.steps:,} steps in {best.seconds:.0f} CPU s"
    )


def prune_line(results: Sequence[PruningResult]) -> str:
    """The agents' choices in one line."""
    return f"{played_line(results)}: {', '.join(map(_choice, results))}"


def recover_line(results: Sequence[RecoveredGenerator]) -> str:
    """The recovered generators in one line."""
    return "; ".join(
        f"{target_name(result.target)}: {judged(result.likeness)} after "
        f"{result.curve.metrics[-1].step:,} steps"
        for result in results
    )


def evaluate_line(evaluation: GenerativeEvaluation) -> str:
    """The chosen generator's test figures in one line."""
    champion, dense = evaluation.champion, evaluation.dense.figures.likeness
    if evaluation.chosen is None:
        return f"dense: {judged(dense)}, against the test split"
    return (
        f"dense: {judged(dense)}; chosen {target_name(champion.target)}: "
        f"{judged(champion.figures.likeness)}, against the test split"
    )


def _choice(result: PruningResult) -> str:
    tried = "" if result.distance is None else f", {result.distance:.3g} after a short recovery"
    return f"FLOPs -{result.flops_cut:.1%} at closeness {result.accuracy:.2f}{tried}"
