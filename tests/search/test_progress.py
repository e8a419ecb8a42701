from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from search.budget import Held
from search.display import Log
from search.estimate import StepsLeft
from search.progress import Progress
from search.status import LOG, STAGES, Activity, said
from secateur.errors import StageError
from secateur.spec import BudgetSpec
from tests.clock import Clock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


UNKNOWN = StepsLeft(steps=(9,), done=0, worked=0, workers=1, at=0)


def drive(stream: io.StringIO, clock: Clock) -> str:
    progress = Progress(stream, clock)
    progress.begin("search")
    with progress.live() as live:
        for done in range(9):
            live.update(Activity(unit="trials", done=done, total=8), UNKNOWN, 1)
            clock.now += 1
    progress.done("search", "8 trials")
    return stream.getvalue()


def test_a_log_gets_a_line_a_quarter_and_one_for_the_stage() -> None:
    lines = drive(io.StringIO(), Clock(100.0)).splitlines()
    assert [line.split()[1] for line in lines] == ["2/8", "4/8", "6/8", "8"]
    assert lines[3] == "search    8 trials  [9 s]"


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    shown = drive(Terminal(), Clock(100.0))
    assert "8/8 trials" in shown
    # The bar's line is blanked before the stage's one line is printed.
    assert re.search(r"\r +\rsearch    8 trials  \[9 s\]\n$", shown)


def test_a_kept_stage_says_so() -> None:
    stream = io.StringIO()
    Progress(stream).kept("search", "8 trials")
    assert stream.getvalue() == "search    8 trials  [kept]\n"


def test_the_share_is_that_of_the_bound_that_comes_first(tmp_path: Path) -> None:
    clock = Clock(100.0)
    progress = Progress(io.StringIO(), clock)
    with progress.recorded(tmp_path, STAGES):
        progress.begin("search")
        with progress.live(BudgetSpec(minutes=1)) as live:
            clock.now += 45
            live.update(
                Activity(unit="trials", done=1, total=8),
                StepsLeft(steps=(7,), done=2, worked=20, workers=1, at=clock.now),
                1,
            )
            progress.finished()
    status = said(tmp_path)
    assert status is not None
    # Three quarters of the minute against an eighth of the trials; 15 s of it are left, not 70.
    assert (status.share, status.seconds_left) == (0.75, None)
    assert status.held["search"].seconds == 45


def test_what_is_shown_is_kept_in_the_folder(tmp_path: Path) -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    with progress.recorded(tmp_path, STAGES):
        progress.line("a line")
        progress.begin("evaluate")
        status = said(tmp_path)
        assert status is not None
        assert status.state == "running"
        progress.done("evaluate", "well")
        progress.finished()
    assert (tmp_path / LOG).read_text() == stream.getvalue()
    status = said(tmp_path)
    assert status is not None
    assert (status.state, status.exit_code) == ("finished", 0)
    assert (status.stage, status.place, status.job) == ("evaluate", 4, tmp_path.name)


def test_another_display_is_shown_the_same_for_as_long_as_it_is_there(tmp_path: Path) -> None:
    stream = io.StringIO()
    progress = Progress(io.StringIO())
    with progress.recorded(tmp_path, STAGES):
        progress.line("before")
        with progress.shown(Log(stream)):
            progress.line("meanwhile")
        progress.line("after")
    assert stream.getvalue() == "meanwhile\n"
    assert (tmp_path / LOG).read_text() == "before\nmeanwhile\nafter\n"


def test_a_refused_job_says_why(tmp_path: Path) -> None:
    progress = Progress(io.StringIO())
    with progress.recorded(tmp_path, STAGES):
        progress.finished(("accuracy 0.9 is below 0.95",))
    status = said(tmp_path)
    assert status is not None
    assert (status.exit_code, status.reason) == (3, "accuracy 0.9 is below 0.95")


def stopped_search(folder: Path, error: BaseException, clock: Clock | None = None) -> None:
    """A job that ends early after 1000 s of preparation and 30 s of search on two CPUs."""
    clock = clock or Clock(100.0)
    progress = Progress(io.StringIO(), clock)
    with progress.recorded(folder, STAGES):
        clock.now += 1000
        progress.begin("search")
        with progress.live() as live:
            live.update(Activity(unit="trials"), UNKNOWN, 2)
            clock.now += 30
            raise error


class RayTaskError(Exception):
    """Wraps what a worker raised, as Ray's does."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


@pytest.mark.parametrize(
    ("error", "state", "code", "reason"),
    [
        (StageError("search: none of 3 trials finished"), "failed", 1, "search: none of 3"),
        (RayTaskError(StageError("a worker's")), "failed", 1, "a worker's"),
        (ZeroDivisionError("by 0"), "failed", 1, "ZeroDivisionError('by 0')"),
        (KeyboardInterrupt(), "interrupted", 130, ""),
    ],
)
def test_a_job_that_ends_early_says_why(
    tmp_path: Path, error: BaseException, state: str, code: int, reason: str
) -> None:
    with pytest.raises(type(error)):
        stopped_search(tmp_path, error)
    status = said(tmp_path)
    assert status is not None
    assert (status.state, status.exit_code) == (state, code)
    assert status.reason.startswith(reason)


def test_an_interruption_says_where_to_look(tmp_path: Path) -> None:
    progress = Progress(io.StringIO())
    with pytest.raises(KeyboardInterrupt) as stopped, progress.recorded(tmp_path, STAGES):
        raise KeyboardInterrupt
    told = f"secateur status {tmp_path.name} says how far it has come"
    assert stopped.value.__notes__ == [told]


def test_what_a_stage_took_before_an_interruption_counts(tmp_path: Path) -> None:
    clock = Clock(100.0)
    for _ in range(2):
        clock.now += 1000  # while the job does not run
        with pytest.raises(KeyboardInterrupt):
            stopped_search(tmp_path, KeyboardInterrupt(), clock)
    status = said(tmp_path)
    assert status is not None
    assert status.held == {"search": Held(seconds=60, cpu_seconds=120)}
