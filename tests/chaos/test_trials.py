"""Something is wrong with a trial or with its process; its neighbours must not notice."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from agents import failures
from search.ledger import Ledger
from secateur.records import SearchResult
from tests.chaos.promises import PERCEPTRONS, TINY, whole_search

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(900)]

TRIALS, EPOCHS = 6, 4
SEARCH = {**PERCEPTRONS, "trials": TRIALS, "epochs": EPOCHS}
FAULTY = Path(__file__).with_name("faulty")
# Long for a trial of a second, whose process may have to start first on a busy machine.
IMPATIENT = {"silence_seconds": 40}
ROOM = 9 * 10**9

Strike = Callable[..., str]


@pytest.fixture
def play(run, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Plays a search with a fault in it, or without one."""
    (tmp_path / "marks").mkdir()

    def play(
        fault: str = "", which: object = 0, when: int = 1, times: int = 1, **more: Any
    ) -> tuple[int, str]:
        environment = {"PYTHONPATH": str(FAULTY)} if fault else {}
        environment |= {name: more.pop(name) for name in list(more) if name[:1].isupper()}
        spec = tmp_path / "job.yaml"
        spec.write_text(yaml.safe_dump(TINY | {"name": "j", "search": SEARCH} | more))
        return run(
            spec,
            CHAOS_FAULT=fault,
            CHAOS_WHERE="trial",
            CHAOS_WHICH=str(which),
            CHAOS_WHEN=str(when),
            CHAOS_TIMES=str(times),
            CHAOS_FOLDER=str(tmp_path / "marks"),
            **environment,
        )

    return play


@pytest.fixture
def strike(play, home: Path, tmp_path: Path) -> Strike:
    """Plays a search with a fault at a random moment, and gives its first line about it."""

    def strike(fault: str, seed: int, times: int | None = None, **more: Any) -> str:
        draw = random.Random(seed)
        # After the last epoch nothing comes of a network that turns into NaN.
        which, when = draw.randrange(TRIALS), draw.randint(1, EPOCHS - 1)
        # A trial that fails once is tried again; one that fails twice has failed.
        times = times or draw.choice([1, 2])
        code, output = play(fault, which, when, times, **more)
        assert code == 0, output
        # The trial came to this point twice, never a third time, and none other failed.
        assert len(list((tmp_path / "marks").iterdir())) == 2
        result = whole_search(home, "j", TRIALS, failed={which} if times == 2 else ())
        assert {trial.epochs for trial in result.trials if trial.number != which} == {EPOCHS}
        assert result.best.status == "finished"
        return next(line for line in output.splitlines() if line.startswith("search: trial"))

    return strike


def test_a_trial_raises(strike: Strike, seed: int) -> None:
    """A trial raises an error."""
    assert "RuntimeError: struck" in strike("raises", seed)


def test_a_trial_exits(strike: Strike, seed: int) -> None:
    """A trial ends its own process."""
    assert "its process died" in strike("exits", seed)


def test_a_trial_is_killed(strike: Strike, seed: int) -> None:
    """A trial's process is killed with -9."""
    assert "its process died" in strike("is_killed", seed)


def test_a_trial_segfaults(strike: Strike, seed: int) -> None:
    """A trial reads where no memory is."""
    assert "its process died" in strike("segfaults", seed)


def test_a_trial_hangs(strike: Strike, seed: int) -> None:
    """A trial sleeps for ever."""
    assert failures.SILENT in strike("hangs", seed, limits=IMPATIENT)


def test_a_trial_hangs_in_c(strike: Strike, seed: int) -> None:
    """A trial sleeps for ever in C and keeps Python's lock."""
    assert failures.SILENT in strike("hangs_in_c", seed, limits=IMPATIENT)


def test_a_trial_allocates_too_much(strike: Strike, seed: int) -> None:
    """A trial allocates without end, where limits.memory_gb says how much is too much."""
    assert "MemoryError" in strike("allocates", seed, limits={"memory_gb": 0.5})


def test_the_machine_runs_short_of_memory(strike: Strike, seed: int) -> None:
    """A trial allocates until Ray's memory monitor ends it."""
    memory = psutil.virtual_memory()
    if memory.available < ROOM:
        pytest.skip(f"{memory.available} bytes are free, {ROOM} are needed")
    most = (memory.total - memory.available + ROOM / 3) / memory.total
    told = strike("allocates", seed, RAY_memory_usage_threshold=f"{most:.4f}")
    assert failures.OUT_OF_MEMORY in told


def test_a_trial_turns_into_nan(strike: Strike, seed: int) -> None:
    """A trial's network turns into NaN."""
    assert "loss is nan" in strike("returns_nan", seed, times=2)


def test_every_trial_fails(play, home: Path, seed: int) -> None:
    """Every trial raises: the search ends with one line, and goes on when that is mended."""
    search = SEARCH | {"trials": 14}
    code, output = play("raises", "every", 1 + seed % EPOCHS, 999, search=search)
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
    assert len(failed) in {10, 11}
    whole_search(home, "j", 14, failed=failed)


def test_the_disk_is_full(play, home: Path, seed: int) -> None:
    """The job's disk is full: it ends with one line, and goes on when there is room."""
    draw = random.Random(seed)
    home.mkdir()
    with small_disk(home):
        filler, limits = home / "filler", {"disk_gb": draw.choice([0, 0.001])}
        code, output = play(
            "fills_the_disk",
            draw.randrange(TRIALS),
            draw.randint(1, EPOCHS),
            limits=limits,
            CHAOS_FILL=str(filler),
        )
        assert code == 1, output
        *_, last = output.splitlines()
        assert last.startswith("secateur: error: "), output
        assert "make room, and the same command goes on" in last
        filler.unlink()
        code, output = play(limits=limits)
        assert code == 0, output
        whole_search(home, "j", TRIALS)


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


def test_two_jobs_of_one_name(play, home: Path, seed: int) -> None:
    """A job is begun twice at once: one does it, the other says so and does nothing."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(play) for _ in range(2)]
        (code, output), (other, said) = sorted(run.result() for run in runs)
    assert (code, other) == (0, 2), output + said
    assert said.splitlines() == [
        "secateur: error: name: 'j' is being run by another process; "
        "wait for it or choose another name"
    ]
    whole_search(home, "j", TRIALS)


def test_two_jobs_of_one_name_and_other_contents(play, home: Path, seed: int) -> None:
    """A job is begun under the name of another one, which stays as it is."""
    code, output = play()
    assert code == 0, output
    code, output = play(seed=1 + seed)
    assert code == 2, output
    assert "name: 'j' was begun with another seed" in output
    whole_search(home, "j", TRIALS)
