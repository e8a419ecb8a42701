"""Trials that share a GPU, which is logical: only Ray counts it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ray import tune

from agents import resources
from search.budget import Budget, Tab
from search.listeners import TrialListener
from search.searcher import JobSearch
from search.tuning import Tuning
from secateur.spec import SearchSpec

SPEC = SearchSpec(trials=4, parallel=4, gpus=0.5, epochs=1, scheduler="none", sampler="random")


def share(_config: dict[str, Any], folder: Path) -> None:
    """Tell what this trial was given, once two have begun."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.05)
    given, place = resources.own_gpus(), resources.device().type
    tune.report({"accuracy": 0.5, "flops": 1, "last": True, "share": given, "device": place})


class Crowd(TrialListener):
    """Counts the trials that run at the same time."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.most = 0

    def started(self, trial: str, number: int, point: dict[str, Any]) -> None:
        self.running.add(trial)
        self.most = max(self.most, len(self.running))

    def ended(self, trial: str, *, failed: bool) -> None:
        self.running.discard(trial)


@pytest.mark.slow
@pytest.mark.usefixtures("ray_session")
def test_trials_hold_their_share_and_others_wait(tmp_path: Path) -> None:
    crowd, begun = Crowd(), tmp_path / "begun"
    begun.mkdir()
    results, _ = Tuning(
        spec=SPEC,
        folder=tmp_path,
        trainable=tune.with_parameters(share, folder=begun),
        searcher=lambda: JobSearch(SPEC, 0, "accuracy", "flops", None, str(tmp_path)),
        metric="accuracy",
        age="training_iteration",
        grown=1,
    ).play(crowd, Budget(None, Tab()))
    told = [result.metrics or {} for result in results]
    assert [one["share"] for one in told] == [0.5] * 4
    assert {one["device"] for one in told} == {"cpu"}
    # Three CPUs, and two halves of one GPU.
    assert crowd.most == 2
