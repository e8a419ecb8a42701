"""A generative job's search as Optuna reads it."""

from __future__ import annotations

from pathlib import Path

import optuna
from optuna.study import StudyDirection
from optuna.trial import TrialState

from search import kinds
from secateur.records import GenerativeSearchResult
from secateur.spec import parse
from tests.search.made import written


def test_distances_are_minimised(tmp_path: Path, searched: GenerativeSearchResult) -> None:
    network = {"kind": "dcgan", "width": {"low": 8, "high": 64}, "critic_width": 16}
    recipe = {"learning_rate": {"low": 0.0001, "high": 0.1, "log": True}}
    spec = parse(
        {
            "name": "made",
            "task": "generation",
            "data": {"kind": "digits"},
            "search": {"networks": [network], "recipe": recipe},
        }
    )
    stages = {"search": searched}
    ledger = written(tmp_path / "made", spec, {"search": GenerativeSearchResult}, stages)
    kinds.export(ledger, tmp_path / "study.db")
    study = optuna.load_study(study_name="made", storage=f"sqlite:///{tmp_path / 'study.db'}")
    assert study.direction == StudyDirection.MINIMIZE
    first, stopped, best, failed, last = study.trials
    assert (stopped.state, failed.state) == (TrialState.PRUNED, TrialState.FAIL)
    assert [trial.value for trial in (first, best, last)] == [4.0, 2.0, 9.0]
    assert best.intermediate_values == {200: 8.0, 400: 2.0}
    assert stopped.intermediate_values == {400: 12.0}
    assert best.params["dcgan/width"] == 24
