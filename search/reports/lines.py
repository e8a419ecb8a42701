"""One line about each stage of a job, made from its record alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from search.reports.figures import target_name
from secateur.records import (
    Architecture,
    Evaluation,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
    TimeBound,
)
from secateur.spaces import families, generators

if TYPE_CHECKING:
    from search.history import History


def describe(network: Architecture) -> str:
    """A network in one phrase, without what it has in common with its family."""
    usual = _usual(network.name)
    told = {
        key: value for key, value in network.arguments.items() if value != getattr(usual, key, None)
    }
    shape = ", ".join(f"{key} {value}" for key, value in told.items())
    return f"{network.name} ({shape})" if shape else network.name


@cache
def _usual(family: str) -> Any:
    """The space of a family where nothing is said."""
    return (families() | generators())[family]()


def skipped_line(skipped: Sequence[str]) -> str:
    """What was passed over in the data, in one line."""
    return (
        f"{'data':<9} images skipped that could not be read: {len(skipped)}, the first {skipped[0]}"
    )


def start_line(job: str, start: History) -> str:
    """What a search starts from, in one line."""
    told = "its accuracies are left out, they were reached otherwise"
    if start.known:
        told = f"its {len(start.known)} trials in this space are known"
    return f"{'search':<9} starts from {job}: tries its best {len(start.first)}; {told}"


def search_line(result: SearchResult) -> str:
    """The search in one line."""
    best = result.best
    ended = "" if result.stopped_by == "trials" else until("search", result.stopped_by)
    return (
        f"{len(result.trials)} trials{ended}, {result.count('stopped')} stopped early; "
        f"best {describe(best.architecture)}: {best.accuracy:.2%} on the validation split"
    )


def prune_line(results: Sequence[PruningResult]) -> str:
    """The agents' choices in one line."""
    cuts = ", ".join(
        f"FLOPs -{result.flops_cut:.1%} at {result.accuracy:.2%}" for result in results
    )
    return f"{played_line(results)}: {cuts}"


def played_line(results: Sequence[PruningResult]) -> str:
    """Which agents played, and how long, in a phrase."""
    counts = sorted({len(result.episodes) for result in results})
    episodes = "-".join(map(str, [*counts[:1], *counts[1:][-1:]]))
    bound = next((r.stopped_by for r in results if r.stopped_by != "episodes"), None)
    ended = "" if bound is None else until("prune", bound)
    return f"{results[0].agent}, {episodes} episodes a target{ended}"


def until(stage: str, bound: TimeBound) -> str:
    """That a stage ended with its budget in time."""
    return f" until {stage}.budget.{bound} was spent"


def finetune_line(results: Sequence[FinetuneResult]) -> str:
    """The recovered accuracies in one line."""
    return ", ".join(
        f"{target_name(result.target)}: {result.accuracy:.2%} after {len(result.epochs)} epochs"
        for result in results
    )


def evaluate_line(evaluation: Evaluation) -> str:
    """The chosen model's test accuracy in one line."""
    champion = evaluation.champion
    if evaluation.chosen is None:
        return f"dense {champion.figures.accuracy:.2%} on the test split"
    return (
        f"dense {evaluation.dense.figures.accuracy:.2%}, chosen {target_name(champion.target)}: "
        f"{champion.figures.accuracy:.2%} on the test split"
    )


def int8_line(evaluation: Evaluation) -> str | None:
    """Why the int8 variant is not published, in one line; nothing where it is fit."""
    if evaluation.int8 is None or not evaluation.int8.failures:
        return None
    return f"int8 is left out of the publication: {'; '.join(evaluation.int8.failures)}"


def publish_line(publication: Publication) -> str:
    """The outcome of the gate in one line."""
    if publication.version is None:
        return f"{publication.name} is not published: {'; '.join(publication.failures)}"
    return f"{publication.name} version {publication.version} is {publication.alias}"
