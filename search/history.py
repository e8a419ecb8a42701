"""What an earlier job's search knows about the space of this one."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FixedTrial, FrozenTrial

from search.ledger import Ledger
from search.space import JobSpace, nested, realise, starts_from
from secateur.errors import SpecError
from secateur.records import (
    Architecture,
    GenerativeRecipe,
    Recipe,
    Scalar,
    SearchResult,
    TrialRecord,
)
from secateur.spec import ExplorationSpec, JobSpec

FIRST = 3
"""So many of the best earlier points are tried before the sampler is asked."""

STATE = "tune"
"""Where a search that has begun keeps its state, below the job's folder."""

KNOWN = "known"
"""User attribute that tells Optuna's earlier trials from this search's."""

_FIELD = "search.warm_start"


@dataclass(frozen=True)
class History:
    """What is known before the first trial.

    Attributes:
        first: points to try first, the best first.
        known: trials of an earlier search whose accuracies hold for this one too.
    """

    first: tuple[dict[str, Scalar], ...] = ()
    known: tuple[FrozenTrial, ...] = ()


def history(spec: JobSpec, jobs: Path, data_digest: str) -> History:
    """What ``spec.search.warm_start`` knows; nothing where no job is named.

    The earlier trials that finished and are points of this space count. The best are tried
    first, whatever they were trained on. What they reached is told to the sampler only where
    it would be reached again: same images in the same splits, same epochs, same augmentation,
    same weights to start from and teacher.

    Args:
        spec: the job.
        jobs: folder of all jobs.
        data_digest: of this job's training and validation split.

    Raises:
        SpecError: no such job, its search has not finished, or no trial is in this space.
    """
    if spec.search.warm_start is None:
        return History()
    before, searched = _earlier(spec, jobs)
    finished = sorted(
        (trial for trial in searched.trials if trial.status == "finished"),
        key=lambda trial: (-(trial.accuracy or 0.0), trial.number),
    )
    placed = ((trial, observed(spec, trial, _values(spec, trial))) for trial in finished)
    located = [(trial, point) for trial, point in placed if point is not None]
    if not located:
        expected = (
            f"a job with a finished trial inside this search space, unlike its {len(finished)}"
        )
        raise SpecError(_FIELD, spec.search.warm_start, expected)
    same_data = searched.data_digest == data_digest
    return History(
        first=tuple(_distinct(point.params for _, point in located))[:FIRST],
        known=tuple(
            point for trial, point in located if same_data and _as_here(spec, before, trial)
        ),
    )


def placed(
    search: ExplorationSpec, architecture: Architecture, recipe: Recipe | GenerativeRecipe
) -> FixedTrial:
    """The point of a space that a network and its recipe are, with the distributions there.

    Raises:
        ValueError: they are none.
    """
    groups = {architecture.name: architecture.arguments, "recipe": recipe.model_dump()}
    fixed = FixedTrial(
        {"network": architecture.name}
        | {f"{group}/{name}": value for group, values in groups.items()
           for name, value in values.items()}
    )  # fmt: skip
    with warnings.catch_warnings():
        # Values out of range are refused when a trial is made; Optuna only warns of them here.
        warnings.simplefilter("ignore")
        JobSpace(search)(fixed)
    return fixed


def observed(spec: JobSpec, record: TrialRecord, values: Sequence[float]) -> FrozenTrial | None:
    """A trial as Optuna has it, with ``values`` for what it reached.

    Returns:
        Nothing where the trial's network or recipe is no point of the job's space.
    """
    architecture, recipe = record.architecture, record.recipe
    try:
        fixed = placed(spec.search, architecture, recipe)
        found = optuna.create_trial(
            params=fixed.params,
            distributions=fixed.distributions,
            values=values,
            user_attrs={KNOWN: True},
        )
    except ValueError:
        return None
    here, how = realise(spec, nested(fixed.params), architecture.input_shape, architecture.classes)
    free = {field: getattr(recipe, field) for field in ("epochs", "augment", "seed")}
    # What this space fixes must have been the same.
    same = (here, how.model_copy(update=free)) == (architecture, recipe)
    return found if same else None


def _values(spec: JobSpec, record: TrialRecord) -> list[float]:
    values = [record.accuracy or 0.0]
    if spec.search.sampler == "nsga2":
        # Optuna refuses a trial without its second value, as records of older jobs are.
        values.append(float("nan") if record.flops is None else record.flops)
    return values


def _as_here(spec: JobSpec, before: JobSpec, trial: TrialRecord) -> bool:
    """Whether this job would train the network as the earlier one did."""
    family = trial.architecture.name
    ways = [
        (job.search.epochs, job.search.augment, job.search.teacher, starts_from(job, family))
        for job in (before, spec)
    ]
    return ways[0] == ways[1]


def _earlier(spec: JobSpec, jobs: Path) -> tuple[JobSpec, SearchResult]:
    """The spec and the search of the job to start from."""
    name = str(spec.search.warm_start)
    ledger = Ledger(jobs / name)
    searched = ledger.read("search", SearchResult)
    if searched is None:
        known = sorted(path.parent.name for path in jobs.glob("*/search.json"))
        expected = f"a job whose search has finished: {', '.join(known) or 'none here yet'}"
        raise SpecError(_FIELD, name, expected)
    return ledger.spec_of(JobSpec), searched


def _distinct(points: Iterable[dict[str, Scalar]]) -> list[dict[str, Scalar]]:
    """Each point once, in order."""
    found: list[dict[str, Scalar]] = []
    for point in points:
        if point not in found:
            found.append(point)
    return found
