"""The driver of a job is killed with -9 again and again, and the job goes on: nothing shows."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chaos.promises import TINY, whole_pruning, whole_search
from tests.chaos.rounds import STRIKES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

TRIALS, EPOCHS = 20, 6
TARGETS, EPISODES = (0.3, 0.5), 60
# About what it takes to record a step, so that moments between the steps are met too.
LONGEST_DELAY_S = 0.03

SEARCH = {
    "trials": TRIALS,
    "epochs": EPOCHS,
    "parallel": 2,
    "networks": [{"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [16, 32, 64]}],
    "recipe": {"learning_rate": {"low": 0.001, "high": 0.1, "log": True}},
}
PRUNE = {"targets": list(TARGETS), "episodes": EPISODES, "round_to": 2}


def survive(run, tmp_path: Path, stage: str, steps: int, seed: int, spec: dict[str, Any]) -> None:
    """Run a job that is killed ``STRIKES`` times, spread over a stage of at least so many steps."""
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(spec))
    draw = random.Random(seed)
    for _ in range(STRIKES):
        after = draw.randint(1, steps // (STRIKES + 1))
        code, output = run(path, f"{stage}/", after, draw.uniform(0, LONGEST_DELAY_S))
        assert code == -signal.SIGKILL, output
    code, output = run(path)
    assert code == 0, output


def test_a_driver_is_killed_in_a_search(run, home: Path, tmp_path: Path, seed: int) -> None:
    """The driver is killed with -9 during a search."""
    spec = TINY | {"name": "search", "search": SEARCH}
    # A trial records its start, its epochs and its end; the scheduler stops some early.
    survive(run, tmp_path, "search", TRIALS * 4, seed, spec)
    whole_search(home, "search", TRIALS)


def test_a_driver_is_killed_in_a_pruning(run, home: Path, tmp_path: Path, seed: int) -> None:
    """The driver is killed with -9 during a pruning."""
    spec = TINY | {"name": "prune", "prune": PRUNE, "finetune": {"epochs": 1}}
    # Episodes come in bursts: only the half of them is counted on.
    survive(run, tmp_path, "prune", len(TARGETS) * EPISODES // 2, seed, spec)
    whole_pruning(home, "prune", TARGETS, EPISODES)
