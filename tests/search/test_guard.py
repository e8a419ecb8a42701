from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ray import cloudpickle
from ray.exceptions import NodeDiedError, RayActorError, RayTaskError

from agents import failures
from agents.resources import Need
from agents.waiting import Waiting
from search import guard as guards
from search.guard import IN_A_ROW, Guard
from secateur.errors import DiskError, StageError
from secateur.spec import LimitsSpec


class Trial:
    """As much of Tune's as a guard looks at."""

    def __init__(self, number: int, folder: Path) -> None:
        self.experiment_tag = f"{number + 1}_network=mlp"
        self.pickled_error_file = str(folder / f"error-{number}.pkl")
        self.temporary_state = self
        self.ray_actor = f"process {number}"

    def raised(self, cause: Exception) -> Trial:
        error = RayTaskError("train", "Traceback ...", cause)
        Path(self.pickled_error_file).write_bytes(cloudpickle.dumps(error))
        return self


class Search:
    """A guard with everything that it does written down, and a clock that stands still."""

    def __init__(self, folder: Path, **limits: float) -> None:
        self.lines: list[str] = []
        self.stops = self.now = 0
        self.folder = folder
        spec = LimitsSpec.model_validate({"disk_gb": 0} | limits)
        waits = Waiting("search", Need(), self.lines.append, lambda _: False, self.time)
        self.guard = Guard(spec, folder, self.lines.append, waits, self.stop, self.time)

    def time(self) -> float:
        return self.now

    def stop(self) -> None:
        self.stops += 1

    def trial(self, number: int) -> Any:
        return Trial(number, self.folder)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(guards.ray, "kill", found.append)
    return found


def test_a_trial_that_is_silent_for_too_long_is_ended_and_no_other(
    tmp_path: Path, killed: list[str]
) -> None:
    search = Search(tmp_path, silence_seconds=10)
    first, second = search.trial(0), search.trial(1)
    search.guard.heard(first)
    search.guard.heard(second)
    search.now = 9
    search.guard.heard(second)
    search.guard.look()
    assert killed == []
    search.now = 10
    search.guard.look()
    search.guard.look()
    assert killed == ["process 0"]
    search.now = 19
    search.guard.look()
    assert killed == ["process 0", "process 1"]


def test_nothing_is_expected_of_a_trial_that_ended(tmp_path: Path, killed: list[str]) -> None:
    search = Search(tmp_path, silence_seconds=10)
    ended, failed = search.trial(0), search.trial(1).raised(ValueError("bad"))
    for trial in (ended, failed):
        search.guard.heard(trial)
    search.guard.ended(ended)
    search.guard.failed(failed, again=False)
    search.now = 100
    search.guard.look()
    assert killed == []
    assert search.guard.count == 2


def test_a_search_of_which_no_trial_runs_says_so_until_one_does(tmp_path: Path) -> None:
    search = Search(tmp_path)
    trial = search.trial(0)
    search.guard.heard(trial)
    search.now = 100
    search.guard.look()
    assert search.lines == []
    search.guard.failed(trial.raised(OSError("away")), again=True)
    for search.now in range(101, 160):
        search.guard.look()
    search.guard.heard(trial)
    assert search.lines[1:] == ["search: waits for 1 CPU, which no node has", "search: goes on"]


def test_failures_are_told_with_their_reason(tmp_path: Path) -> None:
    search = Search(tmp_path)
    trial = search.trial(3).raised(ValueError("no such thing\nand more"))
    search.guard.failed(trial, again=True)
    search.guard.failed(trial, again=False)
    assert search.lines == [
        "search: trial 3 is tried again: ValueError: no such thing",
        "search: trial 3 failed: ValueError: no such thing",
    ]
    assert search.guard.count == 1


def test_so_many_failures_in_a_row_end_the_search(tmp_path: Path) -> None:
    search = Search(tmp_path)
    for number in range(IN_A_ROW - 1):
        search.guard.failed(search.trial(number).raised(OSError("away")), again=False)
    search.guard.ended(search.trial(20))
    for number in range(IN_A_ROW):
        assert search.guard.verdict is None
        # What diverges says something of its point, not of the machine.
        search.guard.failed(search.trial(40).raised(StageError("loss is nan")), again=False)
        search.guard.failed(search.trial(number).raised(OSError("away")), again=False)
    assert isinstance(search.guard.verdict, StageError)
    assert str(search.guard.verdict) == (
        "search: 10 trials failed one after the other, at last: OSError: away; "
        "the same command goes on with the trials left"
    )
    assert search.stops == 1


def test_a_disk_below_the_limit_ends_the_search_once(tmp_path: Path) -> None:
    search = Search(tmp_path, disk_gb=10**9)
    for number in range(2):
        search.guard.heard(search.trial(number))
    assert isinstance(search.guard.verdict, DiskError)
    assert search.stops == 1


def test_a_trial_that_finds_the_disk_full_ends_the_search_before_it_counts_as_failed(
    tmp_path: Path,
) -> None:
    search = Search(tmp_path)
    full = OSError(28, "No space left on device")
    search.guard.failed(search.trial(0).raised(full), again=True)
    assert isinstance(search.guard.verdict, DiskError)
    assert search.stops == 1


def test_a_lost_process_is_told_by_what_ended_it() -> None:
    lost = [
        RayActorError(error_msg="The actor died unexpectedly. Worker exit type: SYSTEM_ERROR"),
        RayActorError(error_msg="The actor is dead because it was killed by `ray.kill`."),
        RayActorError(error_msg=failures.OUT_OF_MEMORY),
        NodeDiedError("Task failed because the node it was running on is dead or unavailable."),
    ]
    told = [failures.told(error) for error in lost]
    assert told == [failures.DIED, failures.SILENT, failures.OUT_OF_MEMORY, failures.LOST]
