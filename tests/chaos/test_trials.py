"""Something is wrong with a trial or with its process; its neighbours must not notice."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from agents import failures
from search.ledger import Ledger
from secateur.records import SearchResult
from tests.chaos.faults import ALWAYS, Plays
from tests.chaos.promises import PERCEPTRONS, TINY, whole_search
from tests.chaos.rounds import STRIKES

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(2400)]

TRIALS, EPOCHS = 12, 4
SEARCH = {**PERCEPTRONS, "trials": TRIALS, "epochs": EPOCHS}
# Long for a trial of a second, whose process may have to start first on a busy machine.
IMPATIENT = {"silence_seconds": 40}
ROOM = 9 * 10**9

Strike = Callable[..., list[str]]


@pytest.fixture
def play(run, tmp_path: Path) -> Plays:
    """Plays a search."""
    return Plays(run, tmp_path, "trial", TINY | {"name": "j", "search": SEARCH})


@pytest.fixture
def strike(play: Plays, home: Path, tmp_path: Path) -> Strike:
    """Plays a search with a fault at random moments, and gives its lines about them."""

    def strike(fault: str, seed: int, times: int | None = None, **more: Any) -> list[str]:
        draw = random.Random(seed)
        # A trial that fails once is tried again; one that fails twice has failed.
        struck = {
            which: times or draw.choice([1, 2]) for which in draw.sample(range(TRIALS), STRIKES)
        }
        # After the last epoch nothing comes of a network that turns into NaN.
        strikes = {
            str(which): [(draw.randint(1, EPOCHS - 1), often)] for which, often in struck.items()
        }
        code, output = play(fault, strikes, **more)
        assert code == 0, output
        # Each of them came to this point twice, never a third time, and no other failed.
        assert len(list((tmp_path / "marks-0").iterdir())) == 2 * STRIKES
        failed = {which for which, often in struck.items() if often == 2}
        result = whole_search(home, "j", TRIALS, failed=failed)
        assert {trial.epochs for trial in result.trials if trial.number not in failed} == {EPOCHS}
        assert result.best.status == "finished"
        told = [line for line in output.splitlines() if line.startswith("search: trial")]
        # A network that diverges may do so again, and only then it says something.
        lines = dict.fromkeys(struck, 1) if fault == "returns_nan" else struck
        assert Counter(map(number, told)) == lines
        return told

    return strike


def number(line: str) -> int:
    """Which trial a line tells of."""
    return int(line.split()[2])


def test_a_trial_raises(strike: Strike, seed: int) -> None:
    """A trial raises an error."""
    assert all("RuntimeError: struck" in line for line in strike("raises", seed))


def test_a_trial_exits(strike: Strike, seed: int) -> None:
    """A trial ends its own process."""
    assert all(failures.DIED in line for line in strike("exits", seed))


def test_a_trial_is_killed(strike: Strike, seed: int) -> None:
    """A trial's process is killed with -9."""
    assert all(failures.DIED in line for line in strike("is_killed", seed))


def test_a_trial_segfaults(strike: Strike, seed: int) -> None:
    """A trial reads where no memory is."""
    assert all(failures.DIED in line for line in strike("segfaults", seed))


def test_a_trial_hangs(strike: Strike, seed: int) -> None:
    """A trial sleeps for ever."""
    assert all(failures.SILENT in line for line in strike("hangs", seed, limits=IMPATIENT))


def test_a_trial_hangs_in_c(strike: Strike, seed: int) -> None:
    """A trial sleeps for ever in C and keeps Python's lock."""
    assert all(failures.SILENT in line for line in strike("hangs_in_c", seed, limits=IMPATIENT))


def test_a_trial_allocates_too_much(strike: Strike, seed: int) -> None:
    """A trial allocates without end, where limits.memory_gb says how much is too much."""
    told = strike("allocates", seed, limits={"memory_gb": 0.5})
    assert all("MemoryError" in line for line in told)


def test_the_machine_runs_short_of_memory(
    play: Plays, home: Path, tmp_path: Path, seed: int
) -> None:
    """A trial allocates until Ray's memory monitor ends it."""
    memory = psutil.virtual_memory()
    if memory.available < ROOM:
        pytest.skip(f"{memory.available} bytes are free, {ROOM} are needed")
    most = (memory.total - memory.available + ROOM * 2 / 3) / memory.total
    draw = random.Random(seed)
    strikes = {
        str(which): [(draw.randint(1, EPOCHS - 1), 1)]
        for which in draw.sample(range(TRIALS), STRIKES)
    }
    code, output = play("allocates", strikes, RAY_memory_usage_threshold=f"{most:.4f}")
    assert code == 0, output
    assert len(list((tmp_path / "marks-0").glob("struck-*-0"))) == STRIKES
    # Ray may end the process of another trial instead, and more than once.
    told = [line for line in output.splitlines() if line.startswith("search: trial")]
    assert len(told) >= STRIKES
    assert all(failures.OUT_OF_MEMORY in line for line in told)
    failed = {number(line) for line in told if " failed: " in line}
    whole_search(home, "j", TRIALS, failed=failed)


def test_a_trial_turns_into_nan(strike: Strike, seed: int) -> None:
    """A trial's network turns into NaN."""
    assert all("loss is nan" in line for line in strike("returns_nan", seed, times=2))


def test_every_trial_fails(play: Plays, home: Path, seed: int) -> None:
    """Every trial raises: the search ends with one line, and goes on when that is mended."""
    draw, trials = random.Random(seed), STRIKES * 14
    search = SEARCH | {"trials": trials}
    for _ in range(STRIKES):
        strikes = {"every": [(draw.randrange(2 * EPOCHS), ALWAYS)]}
        code, output = play("raises", strikes, search=search)
        assert code == 1, output
        assert (
            "secateur: error: search: 10 trials failed one after the other, at last: "
            "RuntimeError: struck; the same command goes on with the trials left"
        ) in output.splitlines()
    code, output = play(search=search)
    assert code == 0, output
    result = Ledger(home / "j").read("search", SearchResult)
    assert result is not None
    failed = {trial.number for trial in result.trials if trial.status == "failed"}
    # Beside the tenth another one ran, and may have failed before the search was ended.
    assert 10 * STRIKES <= len(failed) <= 11 * STRIKES
    whole_search(home, "j", trials, failed=failed)


def test_the_disk_is_full(play: Plays, home: Path, seed: int) -> None:
    """The job's disk is full: it ends with one line, and goes on when there is room."""
    draw = random.Random(seed)
    home.mkdir()
    with small_disk(home):
        filler, limits = home / "filler", {"disk_gb": draw.choice([0, 0.001])}
        # No play comes further than its moment, and the trials that run then.
        search = SEARCH | {"trials": STRIKES * 4}
        for _ in range(STRIKES):
            code, output = play(
                "fills_the_disk",
                {"every": [(draw.randrange(2 * EPOCHS), 1)]},
                limits=limits,
                search=search,
                CHAOS_FILL=str(filler),
            )
            assert code == 1, output
            *_, last = output.splitlines()
            assert last.startswith("secateur: error: "), output
            assert "make room, and the same command goes on" in last
            filler.unlink()
        code, output = play(limits=limits, search=search)
        assert code == 0, output
        whole_search(home, "j", STRIKES * 4)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 40 MB in the place of a folder, where this system lets us."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        # Lazily: of a job that failed something may still hold a file.
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_without_room_is_refused_at_once(play, home: Path) -> None:
    code, output = play(limits={"disk_gb": 10**9})
    assert code == 1
    (line,) = output.splitlines()
    assert line.startswith("secateur: error: limits.disk_gb: ")
    assert not home.exists()


def test_two_jobs_of_one_name(play: Plays, home: Path, seed: int) -> None:
    """A job is begun once more beside itself: one does it, the other says so and does nothing."""
    with ThreadPoolExecutor(1 + STRIKES) as pool:
        runs = [pool.submit(play) for _ in range(1 + STRIKES)]
        (code, output), *others = sorted(run.result() for run in runs)
    assert code == 0, output
    for other, said in others:
        assert other == 2, said
        assert said.splitlines() == [
            "secateur: error: name: 'j' is being run by another process; "
            "wait for it or choose another name"
        ]
    whole_search(home, "j", TRIALS)


def test_two_jobs_of_one_name_and_other_contents(play: Plays, home: Path, seed: int) -> None:
    """A job is begun under the name of another one, which stays as it is."""
    code, output = play()
    assert code == 0, output
    for other in range(STRIKES):
        code, output = play(seed=1 + seed + other)
        assert code == 2, output
        assert "name: 'j' was begun with another seed" in output
    whole_search(home, "j", TRIALS)
