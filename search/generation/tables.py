"""What a generative search tried, what agents cut, and what the gate asked, as tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from search.generation.records import GenerationRecords
from search.reports import cuts
from search.reports.amounts import quantity, rounded
from search.reports.document import Column, Listing, Section, Table, Text
from search.reports.figures import target_name
from search.reports.lines import describe
from search.reports.trials import ENDS, choice, figures
from secateur import generator_gate
from secateur.generator_gate import GeneratorGate
from secateur.records import (
    GenerativeEvaluation,
    GenerativeRecipe,
    GenerativeSearchResult,
    GenerativeTrial,
    PruningResult,
    RecoveredGenerator,
)

SEARCH = "Search"

_PLACES = list(ENDS)
_RECIPE = tuple(
    field
    for field in GenerativeRecipe.model_fields
    if field not in {"steps", "seconds", "interval", "seed"}
)


def search(searched: GenerativeSearchResult) -> Section:
    """Every trial, and what all had in common."""
    used = {field: {_used(trial, field) for trial in searched.trials} for field in _RECIPE}
    varied = [field for field, values in used.items() if len(values) > 1]
    alike = ", ".join(
        f"{field.replace('_', ' ')} {value}"
        for field, values in used.items()
        for value in values
        if field not in varied and value is not None
    )
    families = sorted({trial.architecture.name for trial in searched.trials})
    collapsed = sum(bool(one.likeness and one.likeness.collapsed) for one in searched.trials)
    tried = (
        f"{len(searched.trials):,} networks ({', '.join(families)}) were tried, "
        f"{searched.count('stopped'):,} of them stopped early, {searched.count('failed'):,} "
        f"failed and {collapsed:,} collapsed. Distances are Fréchet distances on the features "
        f"{searched.likeness.judge}, and none is an Inception FID."
    )
    listing = _listing(searched, varied)
    return Section(SEARCH, (Text(tried), Text(f"In all trials alike: {alike}."), listing))


def pruning(job: GenerationRecords) -> Section:
    """Each target from the cut to the test split, and the channels that stayed."""
    pruned = job.pruned or ()
    agents = f"agents of the kind {pruned[0].agent} decided in {cuts.episodes(pruned)} episodes"
    played = (
        f"For each target {agents} how many channels of each group stay. Closeness is 1 / (1 + e) "
        "where e is the squared difference to the dense generator's images of the same noise, as a "
        "share of their variance: 100% at best, 50% for always making the mean image."
    )
    recovered = {one.target: one for one in job.recovered or ()}
    head = ("Target", "FLOPs cut", "closeness after the cut", "steps of recovery",
            "validation distance", "test distance")  # fmt: skip
    rows = tuple(
        (
            target_name(result.target),
            f"{result.flops_cut:.1%}",
            f"{result.accuracy:.1%}",
            *_recovered(recovered.get(result.target)),
            _tested(job.evaluation, result),
        )
        for result in pruned
    )
    return Section(cuts.TITLE, (Text(played), Table(head, rows), cuts.groups(pruned)))


def gate(asked: GeneratorGate, evaluation: GenerativeEvaluation) -> Section:
    """Each bound, and whether the generator that is put forward holds it."""
    dense, model = evaluation.dense.figures, evaluation.champion.figures
    missed = " ".join(generator_gate.failures(asked, dense, model))
    ratio = model.likeness.distance / dense.likeness.distance
    reached = {
        "max_distance": ("any" if asked.max_distance is None else f"{asked.max_distance:g}",
                         f"{model.likeness.distance:.3g}"),
        "max_distance_ratio": (f"{asked.max_distance_ratio:g}", f"{ratio:.3g}"),
        "min_flops_cut": (f"{asked.min_flops_cut:.2%}", f"{1 - model.flops / dense.flops:.2%}"),
        "allow_collapsed": (_yes(asked.allow_collapsed), _yes(model.likeness.collapsed)),
    }  # fmt: skip
    rows = tuple(
        (f"publish.{field}", *told, "missed" if f"publish.{field} " in missed else "held")
        for field, told in reached.items()
    )
    return Section("Gate", (Table(("Bound", "asked", "reached", "outcome"), rows, words=(0, 3)),))


def _listing(searched: GenerativeSearchResult, varied: list[str]) -> Listing:
    """Every trial, those that finished first, and of them the one of the least distance."""
    trials = sorted(searched.trials, key=_rank)
    likeness = [trial.likeness for trial in trials]
    columns = [
        figures("trial", [trial.number for trial in trials], str),
        Column("network", tuple(describe(trial.architecture) for trial in trials)),
        figures("distance", [one.distance if one else None for one in likeness], "{:.3g}".format),
        figures("coverage", [one.coverage if one else None for one in likeness], "{:.1%}".format),
        figures("FLOPs", [trial.flops for trial in trials], quantity),
        figures("steps", [trial.steps for trial in trials], str),
        figures("CPU seconds", [trial.seconds for trial in trials], partial(rounded, digits=3)),
        Column("ended", tuple(map(_end, trials))),
        *(choice(field, [_used(trial, field) for trial in trials]) for field in varied),
    ]
    numbers = [trial.number for trial in trials]
    return Listing(tuple(columns), marked=numbers.index(searched.best.number))


def _rank(trial: GenerativeTrial) -> tuple[int, float, int]:
    distance = trial.likeness.distance if trial.likeness else float("inf")
    return _PLACES.index(trial.status), distance, trial.number


def _end(trial: GenerativeTrial) -> str:
    collapsed = trial.likeness is not None and trial.likeness.collapsed
    return ENDS[trial.status] + ", collapsed" * collapsed


def _used(trial: GenerativeTrial, field: str) -> Any:
    return getattr(trial.recipe, field)


def _recovered(one: RecoveredGenerator | None) -> tuple[str, str]:
    if one is None:
        return ("", "")
    steps = one.curve.metrics[-1].step if one.curve.metrics else 0
    return (f"{steps:,}", f"{one.likeness.distance:.3g}")


def _tested(evaluation: GenerativeEvaluation | None, result: PruningResult) -> str:
    models = evaluation.compressed if evaluation else ()
    found = (one.figures.likeness.distance for one in models if one.target == result.target)
    return next((f"{distance:.3g}" for distance in found), "")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
