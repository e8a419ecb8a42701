"""Which trials each scheduler stops, and when: searches with real Ray that train nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from ray import tune

from search.budget import Budget, Tab
from search.listeners import TrialListener
from search.searcher import JobSearch
from search.tuning import Tuning
from secateur.spec import SearchSpec

EPOCHS = 6
SCORES = (0.9, 0.8, 0.9, 0.8, 0.1)
"""Of trials one after another, the same at each of their epochs."""

REPORTED = {
    "none": [6, 6, 6, 6, 6],
    # The youngest that may be stopped has trained for a third of its epochs, two. By then 0.8 is
    # in the lower two thirds of (0.9, 0.8), and 0.9 in the upper third of those before it.
    "asha": [6, 2, 6, 2, 2],
    # Of three that have trained for as long, and four: (0.9, 0.8, 0.9) and (0.9, 0.8, 0.9, 0.8).
    "median": [6, 6, 6, 2, 2],
}
"""Epochs that those trials are let run for."""


def scored(_config: dict[str, Any], folder: Path) -> None:
    """One trial; how many began before it says how good it is."""
    number = len(list(folder.iterdir()))
    (folder / str(number)).touch()
    for epoch in range(1, EPOCHS + 1):
        tune.report({"accuracy": SCORES[number], "flops": 1, "last": epoch == EPOCHS})


@pytest.mark.slow
@pytest.mark.usefixtures("ray_session")
@pytest.mark.parametrize("scheduler", get_args(SearchSpec.model_fields["scheduler"].annotation))
def test_weak_trials_are_stopped_as_the_scheduler_says(scheduler: str, tmp_path: Path) -> None:
    spec = SearchSpec.model_validate(
        {"trials": len(SCORES), "parallel": 1, "epochs": EPOCHS, "sampler": "random"}
        | {"scheduler": scheduler}
    )
    begun = tmp_path / "begun"
    begun.mkdir()
    results, stopped_by = Tuning(
        spec=spec,
        folder=tmp_path,
        trainable=tune.with_parameters(scored, folder=begun),
        searcher=lambda: JobSearch(spec, 0, "accuracy", "flops", None, str(tmp_path)),
        metric="accuracy",
        age="training_iteration",
        grown=EPOCHS,
    ).play(TrialListener(), Budget(None, Tab()))
    told = [(result.metrics or {})["training_iteration"] for result in results]
    assert told == REPORTED[scheduler]
    assert stopped_by == "trials"
