"""Something is wrong with an agent's evaluation, or with a process that it needs."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chaos.promises import TINY, whole_pruning

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(900)]

TARGETS, EPISODES = (0.3, 0.5), 12
PRUNE: dict[str, Any] = {
    "targets": list(TARGETS),
    "episodes": EPISODES,
    "round_to": 2,
    # An evaluation is then one call, which faults befall.
    "race": False,
}
FAULTY = Path(__file__).with_name("faulty")
# Long for an evaluation of milliseconds, whose process may have to start first.
IMPATIENT = {"silence_seconds": 60}

Play = Callable[..., tuple[int, str]]


@pytest.fixture
def play(run, tmp_path: Path) -> Play:
    """Plays a pruning with a fault in it after a number of evaluations, or without one."""
    (tmp_path / "marks").mkdir()

    def play(
        fault: str = "", seed: int = 0, times: int = 1, agent: Any = "ddpg", **more: Any
    ) -> tuple[int, str]:
        spec = tmp_path / "job.yaml"
        job = {"name": "j", "prune": PRUNE | {"agent": agent}, "finetune": {"epochs": 1}}
        spec.write_text(yaml.safe_dump(TINY | job | more))
        return run(
            spec,
            CHAOS_FAULT=fault,
            CHAOS_WHERE="agent",
            CHAOS_WHEN=str(random.Random(seed).randrange(EPISODES)),
            CHAOS_TIMES=str(times),
            CHAOS_FOLDER=str(tmp_path / "marks"),
            **({"PYTHONPATH": str(FAULTY)} if fault else {}),
        )

    return play


def whole(home: Path) -> None:
    whole_pruning(home, "j", TARGETS, EPISODES)


def goes_on(play: Play, home: Path, fault: str, seed: int, why: str, **more: Any) -> None:
    """What is wrong stays wrong: the job says so in one line, and goes on when it is mended."""
    code, output = play(fault, seed, times=10**6, **more)
    assert code == 1, output
    *_, last = output.splitlines()
    assert last.startswith("secateur: error: "), output
    assert why in last
    code, output = play(**more)
    assert code == 0, output
    whole(home)


def test_an_agent_is_killed(play: Play, home: Path, seed: int) -> None:
    """An agent's process is killed with -9."""
    code, output = play("is_killed", seed)
    assert code == 0, output
    whole(home)


def test_an_agents_runner_is_killed(play: Play, home: Path, seed: int) -> None:
    """A runner of an agent that has two is killed with -9."""
    code, output = play("is_killed", seed, agent={"kind": "ddpg", "runners": 2})
    assert code == 0, output
    whole(home)


def test_an_agent_hangs(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation sleeps for ever in C and keeps Python's lock."""
    code, output = play("hangs_in_c", seed, limits=IMPATIENT)
    assert code == 0, output
    whole(home)


def test_an_agent_hangs_again(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation sleeps for ever, whenever it is tried."""
    why = "reported nothing for limits.silence_seconds (60), twice"
    goes_on(play, home, "hangs", seed, why, limits=IMPATIENT)


def test_an_agent_exits(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation ends its own process, whenever it is tried."""
    goes_on(play, home, "exits", seed, "prune: an agent of target")


def test_an_agent_segfaults(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation reads where no memory is."""
    code, output = play("segfaults", seed)
    assert code == 0, output
    whole(home)


def test_an_agent_raises(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation raises an error, whenever it is tried."""
    goes_on(play, home, "raises", seed, "RuntimeError: struck")


def test_an_agent_allocates_too_much(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation allocates without end, where limits.memory_gb bounds that."""
    goes_on(play, home, "allocates", seed, "MemoryError", limits={"memory_gb": 0.5})


def test_an_agent_gets_nan(play: Play, home: Path, seed: int) -> None:
    """An agent's evaluation returns NaN, whenever it is tried."""
    goes_on(play, home, "returns_nan", seed, "nan; expected a finite number")
