"""The search of a job as a study of Optuna's in a file, for dashboards that read those.

Made once a search has ended: a study in a database does not go back with the rest when a search
is restored from its last snapshot, and the two then contradict each other.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeVar

import optuna
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from search.history import placed
from search.ledger import Ledger
from secateur.errors import JobConflictError, UserError
from secateur.records import GenerativeTrial, SearchResult, TrialRecord
from secateur.scratch import whole
from secateur.spec import ExplorationSpec, JobSpec

T = TypeVar("T")

# A study that is written for others to read is no news.
optuna.logging.set_verbosity(optuna.logging.ERROR)

_STATES = {
    "finished": TrialState.COMPLETE,
    "stopped": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


def write(ledger: Ledger, file: Path) -> None:
    """Write the search of a classifier or regression: score, and for ``nsga2`` FLOPs.

    Args:
        ledger: of the job.
        file: as ``save`` takes it.

    Raises:
        JobConflictError: there is no such job, its search has not ended, or another version
            recorded it.
        UserError: the file cannot be written.
    """
    spec, searched = ledger.spec_of(JobSpec), of_search(ledger, SearchResult)
    curves = {curve.trial: dict(enumerate(curve.scores, 1)) for curve in searched.curves}
    both = spec.search.sampler == "nsga2"
    trials = [
        frozen(
            spec.search,
            trial,
            [trial.accuracy, trial.flops] if both else [trial.accuracy],
            {} if both else curves.get(trial.number, {trial.epochs: trial.accuracy}),
        )
        for trial in searched.trials
    ]
    save(file, spec.name, ["maximize", "minimize"] if both else ["maximize"], trials)


def of_search(ledger: Ledger, kind: type[T]) -> T:
    """The record of a search that has ended.

    Raises:
        JobConflictError: there is no such job, or its search has not ended.
    """
    searched = ledger.read("search", kind)
    if searched is None:
        raise JobConflictError(
            f"{ledger.folder}: its search has not ended; expected a job whose search has"
        )
    return searched


def frozen(
    search: ExplorationSpec,
    trial: TrialRecord | GenerativeTrial,
    values: Sequence[float | None],
    reported: Mapping[int, float | None],
) -> FrozenTrial:
    """A trial as Optuna has it: what finished is COMPLETE, stopped PRUNED, and failed FAIL.

    Args:
        search: the space that it is a point of.
        trial: the record.
        values: what it reached.
        reported: the first value by epoch or step.

    Raises:
        JobConflictError: it is no point of the space, as one that another version recorded.
    """
    done = trial.status == "finished"
    try:
        point = placed(search, trial.architecture, trial.recipe)
        return optuna.create_trial(
            state=_STATES[trial.status],
            params=point.params,
            distributions=point.distributions,
            values=[float(value) for value in values if value is not None] if done else None,
            intermediate_values={
                step: value for step, value in reported.items() if value is not None
            },
            user_attrs={"flops": trial.flops},
        )
    except ValueError as error:
        raise JobConflictError(
            f"search: trial {trial.number} is no point of the job's space, another version may "
            f"have recorded it: {error}"
        ) from None


def save(
    file: Path,
    name: str,
    directions: Sequence[Literal["maximize", "minimize"]],
    trials: Sequence[FrozenTrial],
) -> None:
    """Write a study of a name into a SQLite file of its own, in place of what is there.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        with TemporaryDirectory() as scratch:
            # Not where it is to be: what a URL reads otherwise, as "?", may be in that name.
            made = Path(scratch) / "study.db"
            storage = RDBStorage(f"sqlite:///{made}")
            study = optuna.create_study(storage=storage, study_name=name, directions=directions)
            study.add_trials(trials)
            storage.remove_session()
            storage.engine.dispose()
            with whole(file) as partial:
                shutil.copyfile(made, partial)
    except OSError as error:
        raise UserError(f"{file}: cannot be written: {error.strerror}") from None
