"""A job's folder and its copy, on a storage that is a folder; test_bucket.py has a real bucket."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest
from pyarrow.fs import FileSystem

from agents import carry_over
from search import mirror, storage
from search.cutting import AGENTS
from search.history import STATE
from search.ledger import Ledger
from secateur.errors import JobConflictError, SpecError
from secateur.spec import parse
from secateur.storage import hold, objects

SPEC = parse({"name": "job", "data": {"kind": "digits"}})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose jobs are kept in ``tmp/storage``."""
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_STORAGE", f"file://{tmp_path / 'storage'}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    return tmp_path / "home"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "storage" / "job"


def job(home: Path, record: str, *, restart: bool = False) -> list[str]:
    """A job that writes a record and ends; what it told."""
    told: list[str] = []
    ledger = Ledger(home / "job")
    with (
        storage.mirrored(ledger.folder, told.append) as discard,
        ledger.held(SPEC, restart=restart, farewell=discard),
    ):
        ledger.write(record, str, record)
    return told


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_workers_files_are_those_of_tune_and_the_agents() -> None:
    assert (f"{STATE}/*", f"{AGENTS}/*") == mirror.WORKERS


def test_a_job_that_ends_is_kept_whole(home: Path, kept: Path) -> None:
    assert job(home, "search") == []
    assert names(kept) == {"job.json", "search.json"}
    assert list((kept / ".holders").iterdir()) == []


def test_a_job_goes_on_on_another_machine_and_comes_back(home: Path, kept: Path) -> None:
    job(home, "search")
    shutil.move(home, home.with_name("first"))
    assert job(home, "prune") == [f"goes on from file://{kept.parent}"]
    assert names(home / "job") == names(kept) == {"job.json", "search.json", "prune.json"}
    identity = Ledger(home / "job").id
    # Back on the first machine, whose folder is older: it has no record of pruning.
    shutil.move(home, home.with_name("second"))
    shutil.move(home.with_name("first"), home)
    (home / "job" / "obsolete.json").touch()
    job(home, "finetune")
    assert names(home / "job") == {"job.json", "search.json", "prune.json", "finetune.json"}
    assert Ledger(home / "job").id == identity


def test_what_was_not_sent_any_more_counts_on_the_same_machine(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(home, "search")
    # Killed before the copy had it, on the machine that was the last to hold the job.
    Ledger(home / "job").write("prune", str, "prune")
    assert job(home, "finetune") == []
    assert names(kept) == {"job.json", "search.json", "prune.json", "finetune.json"}


def test_restart_discards_the_copy_too(home: Path, kept: Path) -> None:
    job(home, "search")
    for folder in (STATE, AGENTS):
        (kept / folder).mkdir()
        (kept / folder / "state").touch()
    shutil.rmtree(home)
    job(home, "prune", restart=True)
    left = {path.name for path in kept.rglob("*") if path.is_file() and path.name[0] != "."}
    assert left == {"job.json", "prune.json"}
    assert job(home, "finetune") == [], "the folder is as new as the copy"


def test_another_spec_is_refused_wherever_the_job_was_begun(home: Path) -> None:
    job(home, "search")
    shutil.rmtree(home)
    other = parse({"name": "job", "data": {"kind": "digits"}, "seed": 1})
    with (
        pytest.raises(JobConflictError, match="begun with another seed"),
        storage.mirrored(home / "job", lambda _: None),
        Ledger(home / "job").held(other),
    ):
        pass


def test_one_process_at_a_time_holds_a_job(home: Path, tmp_path: Path) -> None:
    with (
        storage.mirrored(home / "job", lambda _: None),
        pytest.raises(JobConflictError, match=f"run by process {os.getpid()}"),
        storage.mirrored(home / "job", lambda _: None),
    ):
        pass


def test_a_job_that_was_taken_over_is_stopped(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "BEAT_S", 0.01)
    stopped, told = threading.Event(), list[str]()
    monkeypatch.setattr(os, "kill", lambda pid, sign: stopped.set() if sign == signal.SIGINT else 0)
    with storage.mirrored(home / "job", told.append):
        take_over(kept, stopped)
        Ledger(home / "job").write("search", str, "search")
    assert names(kept) == set(), "the copy is the other's"
    assert told == ["job: taken over by another process; stopping"]


def test_signs_of_life_are_given_while_the_job_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "BEAT_S", 0.01)
    beaten, beat = threading.Semaphore(0), hold.Hold.beat

    def counted(self: hold.Hold) -> None:
        beat(self)
        beaten.release()

    monkeypatch.setattr(hold.Hold, "beat", counted)
    with storage.mirrored(home / "job", lambda _: None):
        for _ in range(3):
            assert beaten.acquire(timeout=120)


class Outage:
    """Makes a storage that takes nothing, for as long as it is ``away``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away, self._failed = threading.Event(), threading.Semaphore(0)
        self._write = objects.write
        monkeypatch.setattr(mirror, "BEAT_S", 0.01)
        monkeypatch.setattr(objects, "write", self.write)

    def write(self, files: FileSystem, path: str, content: bytes) -> None:
        if self.away.is_set():
            if "/.holders/" not in path:  # not of the signs of life, which nobody is told of
                self._failed.release()
            raise OSError("AWS Error NETWORK_CONNECTION")
        self._write(files, path, content)

    def met(self, times: int) -> None:
        """Returns once so many files could not be kept."""
        for _ in range(times):
            assert self._failed.acquire(timeout=120)


def test_a_storage_that_is_away_for_a_while_is_told_of_once(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage, told, ledger = Outage(monkeypatch), list[str](), Ledger(home / "job")
    with storage.mirrored(ledger.folder, told.append), ledger.held(SPEC):
        outage.away.set()
        ledger.write("search", str, "search")
        outage.met(times=3)
        outage.away.clear()
    assert [line.partition(" ")[2] for line in told] == [
        "does not answer: AWS Error NETWORK_CONNECTION; the job goes on, and what it keeps follows",
        "answers again",
    ]
    assert names(kept) == {"job.json", "search.json"}


def test_a_job_that_was_taken_over_while_the_storage_was_away_waits_for_nothing(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would keep is no longer its own to keep."""
    outage, told, ledger = Outage(monkeypatch), list[str](), Ledger(home / "job")
    stopped = threading.Event()
    monkeypatch.setattr(os, "kill", lambda pid, sign: stopped.set() if sign == signal.SIGINT else 0)
    with storage.mirrored(ledger.folder, told.append), ledger.held(SPEC):
        outage.away.set()
        ledger.write("search", str, "search")
        outage.met(times=2)
        take_over(kept, stopped)
    assert [line.partition(" ")[2].partition(":")[0] for line in told] == [
        "does not answer",
        "taken over by another process; stopping",
    ]


def take_over(kept: Path, stopped: threading.Event) -> None:
    """Another process takes a job; returns once its holder has noticed.

    Its claim goes again and again: a sign of life that is being given makes it anew.
    """
    while not stopped.wait(0.01):
        for claim in (kept / ".holders").iterdir():
            claim.unlink(missing_ok=True)


def test_a_look_at_a_job_neither_holds_nor_changes_it(home: Path, kept: Path) -> None:
    job(home, "search")
    shutil.rmtree(home)
    storage.fetch(home / "job", *storage.STATUS)
    assert names(home / "job") == {"job.json", "search.json"}
    Ledger(home / "job").write("prune", str, "not of this machine")
    job(home, "finetune")
    assert names(kept) == {"job.json", "search.json", "finetune.json"}


def test_all_jobs_can_be_looked_at(home: Path) -> None:
    job(home, "search")
    shutil.rmtree(home)
    storage.fetch_all(home, *storage.STATUS)
    assert (home / "job" / "search.json").exists()


def test_what_this_machine_has_written_last_is_not_fetched(home: Path, kept: Path) -> None:
    job(home, "search")
    (kept / "search.json").write_text("older")
    storage.fetch(home / "job")
    assert Ledger(home / "job").read("search", str) == "search"


def test_an_agent_to_start_from_is_found_in_the_storage(home: Path, tmp_path: Path) -> None:
    below = f"agents/target-0.5-seed-0/stage-1/{carry_over.WEIGHTS}"
    (tmp_path / "storage" / "trained" / below).parent.mkdir(parents=True)
    (tmp_path / "storage" / "trained" / below).touch()
    state = home / "job" / "agents" / "target-0.5-seed-0" / "stage-1"
    assert carry_over.find("trained", state) == home / "trained" / below


def test_all_machines_must_see_one_tracking_server(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with (
        pytest.raises(SpecError, match="MLFLOW_TRACKING_URI"),
        storage.mirrored(home / "job", lambda _: None),
    ):
        pass
    assert not home.exists()


def test_without_a_storage_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECATEUR_STORAGE", raising=False)
    job(tmp_path, "search")
    assert names(tmp_path / "job") == {"job.json", "search.json"}
    storage.fetch(tmp_path / "job")
    storage.fetch_all(tmp_path)
