"""What a search tried, for the page about a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from search.reports.amounts import quantity
from search.reports.document import Block, Column, Listing, Section, Table, Text
from search.reports.lines import describe
from secateur.records import Recipe, SearchResult, TrialRecord

TITLE = "Search"
ENDS = {"finished": "finished", "stopped": "stopped early", "failed": "failed"}
"""How a trial ended, in words."""
_PLACES = list(ENDS)
_RECIPE = tuple(field for field in Recipe.model_fields if field not in {"epochs", "seed"})


def section(searched: SearchResult, score: str) -> Section:
    """The front and every trial; ``score`` is what the task calls its score."""
    used = {field: {_used(trial, field) for trial in searched.trials} for field in _RECIPE}
    varied = [field for field, values in used.items() if len(values) > 1]
    alike = ", ".join(
        f"{_words(field)} {_told(*values)}" for field, values in used.items() if field not in varied
    )
    blocks: list[Block] = [Text(tried(searched)), *_ahead(searched, score)]
    blocks += [Text(f"In all trials alike: {alike}."), listing(searched, score, varied)]
    return Section(TITLE, tuple(blocks))


def tried(searched: SearchResult) -> str:
    """How many networks were tried, and how they ended."""
    families = sorted({trial.architecture.name for trial in searched.trials})
    stopped, failed = searched.count("stopped"), searched.count("failed")
    return (
        f"{len(searched.trials):,} networks ({', '.join(families)}) were tried, {stopped:,} of "
        f"them stopped early and {failed:,} failed."
    )


def listing(searched: SearchResult, score: str, varied: Sequence[str]) -> Listing:
    """Every trial, those that finished first, and of them the most accurate.

    Args:
        searched: the trials.
        score: what the task calls its score.
        varied: fields of the recipe that have a column each.
    """
    trials = sorted(searched.trials, key=_rank)
    columns = [
        figures("trial", [trial.number for trial in trials], str),
        Column("network", tuple(describe(trial.architecture) for trial in trials)),
        figures(score, [trial.accuracy for trial in trials], "{:.2%}".format),
        figures("FLOPs", [trial.flops for trial in trials], quantity),
        figures("epochs", [trial.epochs for trial in trials], str),
        Column("ended", tuple(ENDS[trial.status] for trial in trials)),
        *(choice(field, [_used(trial, field) for trial in trials]) for field in varied),
    ]
    numbers = [trial.number for trial in trials]
    return Listing(tuple(columns), marked=numbers.index(searched.best.number))


def _rank(trial: TrialRecord) -> tuple[int, float, int]:
    return _PLACES.index(trial.status), -(trial.accuracy or 0.0), trial.number


def _ahead(searched: SearchResult, score: str) -> list[Block]:
    """The networks that no other beats in both accuracy and FLOPs, where there is a choice."""
    ahead = [searched.trials[number] for number in searched.front]
    if not ahead[1:]:
        return []
    rows = tuple(
        (describe(trial.architecture), f"{trial.accuracy or 0.0:.2%}", quantity(trial.flops or 0))
        for trial in ahead
    )
    places = (place for place, trial in enumerate(ahead) if trial.number == searched.best.number)
    head = ("No other is as accurate at as few FLOPs", score, "FLOPs")
    return [Table(head, rows, marked=tuple(places))]


def _used(trial: TrialRecord, field: str) -> Any:
    return getattr(trial.recipe, field)


def choice(field: str, values: Sequence[Any]) -> Column:
    """A column of what a recipe's field was; whole numbers, of a batch say, stand whole."""
    if all(isinstance(value, int) for value in values):
        return figures(_words(field), values, str)
    if all(isinstance(value, int | float) for value in values):
        return figures(_words(field), values, "{:.3g}".format)
    return Column(_words(field), tuple(map(_told, values)))


def figures(title: str, values: Sequence[float | None], shown: Callable[[float], str]) -> Column:
    """A column of figures as ``shown``; an absent one is left empty."""
    cells = ("" if value is None else shown(value) for value in values)
    return Column(title, tuple(cells), tuple(values))


def _told(value: Any) -> str:
    """A value of a spec as people read it; a list without its brackets."""
    if isinstance(value, tuple):
        return " and ".join(map(str, value)) or "none"
    return str(value)


def _words(field: str) -> str:
    return field.replace("_", " ")
