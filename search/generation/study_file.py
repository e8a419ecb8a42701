"""The search of a generative job as a study of Optuna's in a file."""

from __future__ import annotations

from pathlib import Path

from search.ledger import Ledger
from search.study_file import frozen, of_search, save
from secateur.records import GenerativeSearchResult
from secateur.spec import GenerationSpec


def write(ledger: Ledger, file: Path) -> None:
    """Write the search: distances, which are minimised. Arguments and errors as of the other."""
    spec, searched = ledger.spec_of(GenerationSpec), of_search(ledger, GenerativeSearchResult)
    judged = {
        curve.trial: {at.step: at.likeness.distance for at in curve.judged}
        for curve in searched.curves
    }
    trials = []
    for trial in searched.trials:
        distance = None if trial.likeness is None else trial.likeness.distance
        reported = judged.get(trial.number, {trial.steps: distance})
        trials.append(frozen(spec.search, trial, [distance], reported))
    save(file, spec.name, ["minimize"], trials)
