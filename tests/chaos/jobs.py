"""Small jobs whose every step is foreseen, one for each stage that faults befall."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents import failures
from tests.chaos.cluster import Cluster
from tests.chaos.promises import PERCEPTRONS, TINY, whole_pruning, whole_search
from tests.chaos.rounds import STRIKES
from tests.chaos.running import Job

TRIALS, EPOCHS = 12, 8
TARGETS, EPISODES = (0.1, 0.2, 0.3, 0.4, 0.5), 20

_SEARCH = {**PERCEPTRONS, "trials": TRIALS, "epochs": EPOCHS}
# An evaluation is one call, which takes ``CHAOS_SLOW`` seconds longer.
_PRUNE = {"targets": list(TARGETS), "episodes": EPISODES, "round_to": 2, "race": False}

STAGES = ("search", "prune")
_ASKED: dict[str, dict[str, Any]] = {
    "search": {"search": _SEARCH},
    "prune": {"prune": _PRUNE, "finetune": {"epochs": 1}},
}
# What a driver records of a stage.
_STEPS = {"search": TRIALS * EPOCHS, "prune": len(TARGETS) * EPISODES}

# An agent that loses its process for the third time stops its job.
_LOST = re.compile(
    r"secateur: error: prune: an agent of target \S+: its (node was lost|process died); "
    r"the same command goes on from here\n$"
)
_FAILED = re.compile(r"search: trial (\d+) failed: (.*)")


def asked(stage: str, name: str) -> dict[str, Any]:
    """A job whose work is in one stage."""
    return TINY | _ASKED[stage] | {"name": name}


def moments(cluster: Cluster, job: Job, stage: str, draw: random.Random) -> Iterator[None]:
    """Come to moments of a stage, drawn, all in its first half, and go on from each.

    There are fewer where the job has come to its end meanwhile.
    """
    for step in sorted(draw.sample(range(1, _STEPS[stage] // 2), STRIKES)):
        job.reaches(stage, step, lambda: goes_on(cluster, job))
        if job.ended:
            return
        yield


def ends(cluster: Cluster, job: Job) -> None:
    """Let a job end well."""
    job.ends(lambda: goes_on(cluster, job))


def goes_on(cluster: Cluster, job: Job) -> None:
    """Let nodes come back that are gone, and a job go on that has lost an agent too often."""
    cluster.mend()
    if job.ended and _LOST.search(job.said):
        job.begin()


def check(home: Path, job: Job, stage: str, uri: str | None = None) -> None:
    """Let the job be as it would be had nothing happened, see ``tests.chaos.promises``.

    Alone a trial that lost its process twice has failed, and has been said to.
    """
    if stage == "prune":
        whole_pruning(home, job.name, TARGETS, EPISODES, uri)
        return
    failed = {int(number): why for number, why in _FAILED.findall(job.said)}
    assert set(failed.values()) <= {failures.DIED}, failed
    assert len(failed) <= STRIKES, failed
    result = whole_search(home, job.name, TRIALS, uri, failed)
    assert {trial.epochs for trial in result.trials if trial.number not in failed} == {EPOCHS}
