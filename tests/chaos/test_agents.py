"""Something is wrong with an agent's evaluation, or with a process that it needs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.faults import ALWAYS, Plays, Strikes
from tests.chaos.promises import TINY, whole_pruning
from tests.chaos.rounds import STRIKES

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(2400)]

TARGETS, EPISODES = (0.1, 0.2, 0.3, 0.4, 0.5), 12
PRUNE: dict[str, Any] = {
    "targets": list(TARGETS),
    "episodes": EPISODES,
    "round_to": 2,
    # An evaluation is then one call, which faults befall.
    "race": False,
}
FINETUNE = {"finetune": {"epochs": 1}}
TWO_RUNNERS = {"agent": {"kind": "ddpg", "runners": 2}}
# Long for an evaluation of milliseconds, whose process may have to start first.
IMPATIENT = {"silence_seconds": 60}


@pytest.fixture
def play(run, tmp_path: Path) -> Plays:
    """Plays a pruning."""
    return Plays(run, tmp_path, "agent", TINY | {"name": "j", "prune": PRUNE} | FINETUNE)


def survives(play: Plays, home: Path, fault: str, strikes: Strikes, **more: Any) -> None:
    """What goes wrong once at a time is nobody's concern."""
    code, output = play(fault, strikes, **more)
    assert code == 0, output
    assert len(list((home.parent / "marks-0").glob("struck-*-0"))) == STRIKES
    whole_pruning(home, "j", TARGETS, EPISODES)


def once_each(seed: int) -> Strikes:
    """A moment of every agent."""
    assert len(TARGETS) == STRIKES
    draw = random.Random(seed)
    return {f"{target:g}": [(draw.randrange(EPISODES), 1)] for target in TARGETS}


def goes_on(play: Plays, home: Path, fault: str, seed: int, why: str, **more: Any) -> None:
    """What is wrong stays wrong: the job says so in one line, and goes on when it is mended."""
    draw = random.Random(seed)
    for _ in range(STRIKES):
        code, output = play(fault, {"every": [(draw.randrange(EPISODES), ALWAYS)]}, **more)
        assert code == 1, output
        *_, last = output.splitlines()
        assert last.startswith("secateur: error: "), output
        assert why in last
    code, output = play(**more)
    assert code == 0, output
    whole_pruning(home, "j", TARGETS, EPISODES)


def test_an_agent_is_killed(play: Plays, home: Path, seed: int) -> None:
    """An agent's process is killed with -9."""
    survives(play, home, "is_killed", once_each(seed))


def test_an_agents_runner_is_killed(play: Plays, home: Path, seed: int) -> None:
    """A runner of an agent that has two is killed with -9."""
    draw = random.Random(seed)
    # Runners do not know of which agent they are.
    moments = sorted(draw.sample(range(len(TARGETS) * EPISODES), STRIKES))
    strikes = {"every": [(moment, 1) for moment in moments]}
    survives(play, home, "is_killed", strikes, prune=PRUNE | TWO_RUNNERS)


def test_an_agent_hangs(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation sleeps for ever in C and keeps Python's lock."""
    survives(play, home, "hangs_in_c", once_each(seed), limits=IMPATIENT)


def test_an_agent_hangs_again(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation sleeps for ever, whenever it is tried."""
    why = "reported nothing for limits.silence_seconds (60), twice"
    goes_on(play, home, "hangs", seed, why, limits=IMPATIENT)


def test_an_agent_exits(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation ends its own process, whenever it is tried."""
    goes_on(play, home, "exits", seed, "prune: an agent of target")


def test_an_agent_segfaults(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation reads where no memory is."""
    survives(play, home, "segfaults", once_each(seed))


def test_an_agent_raises(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation raises an error, whenever it is tried."""
    goes_on(play, home, "raises", seed, "RuntimeError: struck")


def test_an_agent_allocates_too_much(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation allocates without end, where limits.memory_gb bounds that."""
    goes_on(play, home, "allocates", seed, "MemoryError", limits={"memory_gb": 0.5})


def test_an_agent_gets_nan(play: Plays, home: Path, seed: int) -> None:
    """An agent's evaluation returns NaN, whenever it is tried."""
    goes_on(play, home, "returns_nan", seed, "nan; expected a finite number")
