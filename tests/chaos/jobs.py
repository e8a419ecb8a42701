"""Small jobs whose every step is foreseen, one for each stage that faults befall."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.chaos.promises import PERCEPTRONS, TINY, whole_pruning, whole_search

TRIALS, EPOCHS = 8, 30
TARGETS, EPISODES = (0.3, 0.5), 40

_SEARCH = {**PERCEPTRONS, "trials": TRIALS, "epochs": EPOCHS}
_PRUNE = {"targets": list(TARGETS), "episodes": EPISODES, "round_to": 2}

STAGES = ("search", "prune")
_ASKED: dict[str, dict[str, Any]] = {
    "search": {"search": _SEARCH},
    "prune": {"prune": _PRUNE, "finetune": {"epochs": 1}},
}
# What a driver records of a stage.
_STEPS = {"search": TRIALS * EPOCHS, "prune": len(TARGETS) * EPISODES}


def asked(stage: str, name: str) -> dict[str, Any]:
    """A job whose work is in one stage."""
    return TINY | _ASKED[stage] | {"name": name}


def moment(stage: str, draw: random.Random) -> int:
    """A step of a stage, drawn, with some left to come."""
    return draw.randint(1, _STEPS[stage] * 3 // 4)


def check(home: Path, job: str, stage: str, uri: str | None = None) -> None:
    """Let the job be as it would be had nothing happened, see ``tests.chaos.promises``."""
    if stage == "search":
        result = whole_search(home, job, TRIALS, uri)
        assert {trial.epochs for trial in result.trials} == {EPOCHS}
    else:
        whole_pruning(home, job, TARGETS, EPISODES, uri)
