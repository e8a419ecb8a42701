from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem

from secateur.errors import JobConflictError
from secateur.storage import hold
from secateur.storage.hold import BEAT_S, SILENCE_S, Hold


class Waits:
    """Counts what is waited for, and lets something happen meanwhile."""

    def __init__(self, meanwhile: object = None) -> None:
        self.seconds: list[float] = []
        self.meanwhile = meanwhile

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if callable(self.meanwhile):
            self.meanwhile()


@pytest.fixture
def base(tmp_path: Path) -> str:
    return str(tmp_path / "job")


def of(base: str, wait: object = None, tell: object = None) -> Hold:
    waits = wait if isinstance(wait, Waits) else Waits()
    return Hold(LocalFileSystem(), base, tell or (lambda _: None), waits)


def claims(base: str) -> list[Path]:
    return sorted((Path(base) / ".holders").iterdir())


def elsewhere(base: str, **claim: object) -> Path:
    """A claim of another machine."""
    file = Path(base) / ".holders" / "other"
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {"host": "far", "pid": 7, "place": "another boot", "beats": 1} | claim
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


def test_a_free_job_is_held_at_once_and_let_go(base: str) -> None:
    waits = Waits()
    own = of(base, waits)
    own.acquire()
    assert len(claims(base)) == 1
    assert not own.lost()
    own.release()
    assert claims(base) == []
    of(base, waits).acquire()
    assert waits.seconds == []


def test_who_is_alive_on_this_machine_is_not_waited_for(base: str) -> None:
    of(base).acquire()
    waits = Waits()
    with pytest.raises(JobConflictError, match=f"'job' is being run by process {os.getpid()}"):
        of(base, waits).acquire()
    assert waits.seconds == []
    assert len(claims(base)) == 1


def test_who_died_on_this_machine_is_not_waited_for(
    base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(base).acquire()
    monkeypatch.setattr(hold, "_runs", lambda _: False)
    waits = Waits()
    of(base, waits).acquire()
    assert waits.seconds == []
    assert len(claims(base)) == 1


def test_who_only_has_the_number_of_a_holder_that_died_is_not_taken_for_it(base: str) -> None:
    """As in a container that is started again: the same place, the same number, begun later."""
    elsewhere(base, place=hold._place(), pid=os.getpid(), started="1")
    waits = Waits()
    of(base, waits).acquire()
    assert waits.seconds == []
    assert len(claims(base)) == 1


def test_another_machine_that_gives_signs_of_life_keeps_the_job(base: str) -> None:
    file = elsewhere(base)
    waits = Waits(lambda: elsewhere(base, beats=2))
    with pytest.raises(JobConflictError, match="process 7 on far"):
        of(base, waits).acquire()
    assert waits.seconds == [BEAT_S]
    assert claims(base) == [file]


def test_another_machine_that_is_silent_loses_the_job(base: str) -> None:
    elsewhere(base)
    waits, told = Waits(), list[str]()
    own = of(base, waits, told.append)
    own.acquire()
    assert sum(waits.seconds) == SILENCE_S
    assert told == ["held by process 7 on far; looking 30 s for a sign of life"]
    assert not own.lost()
    assert len(claims(base)) == 1


def test_another_machine_that_lets_go_meanwhile_is_no_conflict(base: str) -> None:
    file = elsewhere(base)
    waits = Waits(lambda: file.unlink(missing_ok=True))
    of(base, waits).acquire()
    assert waits.seconds == [BEAT_S]
    assert len(claims(base)) == 1


def test_who_was_taken_for_dead_notices(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = of(base)
    first.acquire()
    monkeypatch.setattr(hold, "_runs", lambda _: False)
    of(base).acquire()
    assert first.lost()
    first.release()
    assert len(claims(base)) == 1, "what it releases is its own claim"


def test_of_many_at_once_at_most_one_holds(base: str) -> None:
    """Twenty threads, which are all alive, want the job at the same moment, again and again."""
    for attempt in range(5):
        start, holders = threading.Barrier(20), []

        def want(path: str, start: threading.Barrier, holders: list[Hold]) -> None:
            own = Hold(LocalFileSystem(), path, wait=lambda _: None)
            start.wait()
            try:
                own.acquire()
            except JobConflictError:
                return
            holders.append(own)

        place = f"{base}-{attempt}"
        threads = [threading.Thread(target=want, args=(place, start, holders)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(holders) <= 1
        assert len(claims(place)) == len(holders)
