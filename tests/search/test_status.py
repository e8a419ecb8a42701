"""How jobs stand, as another process sees it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import standing
from search.budget import Held
from search.ledger import Ledger
from search.status import FILE, LOG, Activity, Status, StatusFile, jobs, read, said
from secateur.errors import JobConflictError
from secateur.records import Account, Publication, Spent
from secateur.spec import parse
from tests.search.made import held_elsewhere

SPEC = parse({"name": "job", "data": {"kind": "digits"}})
RUNNING = Status(
    job="job",
    stage="search",
    place=1,
    activity=Activity(unit="trials", done=6, total=24, running=2, stopped=4, best=0.95),
    seconds_left=44.6,
    held={"search": Held(seconds=60)},
    pid=4711,
    host="here",
    began=940.0,
    heard=1000.0,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A job that was begun and that nobody runs."""
    ledger = Ledger(tmp_path / "job")
    with ledger.held(SPEC):
        pass
    return ledger


def say(ledger: Ledger, status: Status) -> None:
    StatusFile(ledger.folder).write(status, now=True)


@pytest.fixture
def runner(ledger: Ledger) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the job."""
    with held_elsewhere(ledger.folder) as process:
        yield process


def test_a_status_comes_back(ledger: Ledger) -> None:
    assert said(ledger.folder) is None
    say(ledger, RUNNING)
    assert said(ledger.folder) == RUNNING


def test_a_status_is_written_once_a_second_at_most(ledger: Ledger) -> None:
    now = 0.0
    file = StatusFile(ledger.folder, lambda: now)
    places = []
    for tenth in range(25):
        now = tenth / 10
        file.write(RUNNING.model_copy(update={"place": tenth}))
        status = said(ledger.folder)
        assert status is not None
        places.append(status.place)
    assert sorted(set(places)) == [0, 10, 20]
    file.write(RUNNING.model_copy(update={"place": 99}), now=True)
    assert said(ledger.folder) == RUNNING.model_copy(update={"place": 99})


def test_a_status_that_is_cut_off_is_none(ledger: Ledger) -> None:
    say(ledger, RUNNING)
    whole = (ledger.folder / FILE).read_text()
    (ledger.folder / FILE).write_text(whole[: len(whole) // 2])
    assert said(ledger.folder) is None
    (ledger.folder / FILE).write_text("")
    assert said(ledger.folder) is None


def test_a_status_that_cannot_be_written_is_left_out(ledger: Ledger) -> None:
    (ledger.folder / FILE).mkdir()
    say(ledger, RUNNING)
    assert said(ledger.folder) is None
    assert not list(ledger.folder.glob(f".{FILE}*"))


def test_a_job_runs_while_its_process_lives(
    ledger: Ledger, runner: subprocess.Popen[bytes]
) -> None:
    say(ledger, RUNNING)
    assert read(ledger.folder) == RUNNING
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    found = read(ledger.folder)
    assert (found.state, found.exit_code, found.seconds_left) == ("interrupted", 130, None)
    assert found.activity is not None
    assert (found.activity.done, found.activity.running) == (6, 0)


def test_a_job_of_another_machine_runs_while_it_is_heard_of(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(ledger, RUNNING)
    monkeypatch.setattr("search.status.time.time", lambda: RUNNING.heard + 59)
    assert read(ledger.folder).state == "running"
    monkeypatch.setattr("search.status.time.time", lambda: RUNNING.heard + 61)
    assert read(ledger.folder).state == "interrupted"


def test_asking_does_not_hold_a_job(ledger: Ledger) -> None:
    say(ledger, RUNNING)
    assert read(ledger.folder).state == "interrupted"
    with ledger.held(SPEC):
        assert read(ledger.folder).state == "running"


@pytest.mark.parametrize("state", ["finished", "failed", "interrupted"])
def test_what_a_job_said_last_stands(ledger: Ledger, state: str) -> None:
    ended = RUNNING.model_copy(update={"state": state, "reason": "so"})
    say(ledger, ended)
    assert read(ledger.folder) == ended


@pytest.mark.parametrize(("version", "code"), [("1", 0), (None, 3)])
def test_a_job_of_an_earlier_version_is_told_by_its_records(
    ledger: Ledger, version: str | None, code: int
) -> None:
    (ledger.folder / "search.json").write_text("{}")
    found = read(ledger.folder)
    assert (found.state, found.stage, found.place) == ("interrupted", "search", 1)
    ledger.write("publish", Publication, Publication(name="job", version=version))
    found = read(ledger.folder)
    assert (found.state, found.stage, found.exit_code) == ("finished", "publish", code)


def test_a_job_that_was_published_later_has_finished(ledger: Ledger) -> None:
    say(ledger, RUNNING.model_copy(update={"state": "failed", "exit_code": 1, "reason": "so"}))
    ledger.write("publish", Publication, Publication(name="job", version="1"))
    found = read(ledger.folder)
    assert (found.state, found.exit_code, found.reason) == ("finished", 0, "")


def test_a_record_of_another_version_does_not_hide_the_job(ledger: Ledger) -> None:
    (ledger.folder / "publish.json").write_text('{"nome": "job"}')
    assert read(ledger.folder).state == "finished"


def test_an_unknown_job_is_refused(ledger: Ledger) -> None:
    with pytest.raises(JobConflictError, match="expected one of: job"):
        read(ledger.folder.parent / "other")


def test_a_page_tells_how_far_a_job_is(ledger: Ledger) -> None:
    account = Account(stages={"search": Spent(seconds=60, cpu_seconds=180)})
    ledger.write("account", Account, account)
    (ledger.folder / LOG).touch()
    page = standing.page(ledger.folder, RUNNING, now=1003)
    assert page.splitlines() == [
        "job",
        "  state     running for 63 s, process 4711 on here",
        "  stage     search, 1 of 5",
        "            6/24 trials  2 running  4 stopped early  best 95.00%  45 s left",
        "  cost      0.05 CPU-hours in 60 s",
        "  heard of  3 s ago",
        f"  log       {ledger.folder / LOG}",
    ]


def test_a_page_tells_why_a_job_failed(ledger: Ledger) -> None:
    failed = Status(job="job", state="failed", reason="search: none of 3 trials finished")
    told = standing.page(ledger.folder, failed, now=0)
    assert "failed: search: none of 3 trials finished" in told


def test_a_table_tells_of_all_jobs(ledger: Ledger) -> None:
    with Ledger(ledger.folder.parent / "another").held(SPEC):
        say(ledger, RUNNING)
        home = ledger.folder.parent
        assert [folder.name for folder in jobs(home)] == ["another", "job"]
        head, another, job = standing.table(home, now=1005).splitlines()
    assert head.split("  ")[0] == "job"
    assert another.split()[:2] == ["another", "running"]
    assert job.split()[:2] == ["job", "interrupted"]
    assert "6/24 trials" in job
    assert job.endswith("5 s ago")
    assert standing.table(home / "nowhere", now=0) == f"{home / 'nowhere'}: no jobs yet"


def test_json_holds_everything(ledger: Ledger) -> None:
    say(ledger, RUNNING.model_copy(update={"state": "finished", "exit_code": 0}))
    told = json.loads(standing.told(ledger.folder, as_json=True))
    assert (told["state"], told["exit_code"], told["stage"]) == ("finished", 0, "search")
    assert told["activity"]["done"] == 6
    assert told["folder"] == str(ledger.folder)
    assert told["spent"]["cpu_seconds"] == 0
    assert json.loads(standing.all_told(ledger.folder.parent, as_json=True)) == [told]


def test_a_job_that_is_restarted_meanwhile_is_left_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for jobs and the look at one its records go, for a moment."""
    home = ledger.folder.parent
    monkeypatch.setattr(standing, "jobs", lambda home: [home / "again", *jobs(home)])
    (told,) = json.loads(standing.all_told(home, as_json=True))
    assert told["job"] == "job"
    assert [line.split()[0] for line in standing.table(home, 0.0).splitlines()] == ["job", "job"]


def test_following_shows_new_lines_and_ends_as_the_job_does(tmp_path: Path) -> None:
    log, shown = tmp_path / LOG, io.StringIO()
    log.write_text("an old line\n")

    def statuses() -> Iterator[Status]:
        yield RUNNING
        with log.open("a") as file:
            file.write("a new line\n")
        yield RUNNING
        yield RUNNING.model_copy(update={"state": "failed", "exit_code": 1})

    last = standing.follow(statuses(), log, standing.Lines(shown))
    assert shown.getvalue() == "a new line\n"
    assert last.exit_code == 1


def test_only_what_changes_is_told() -> None:
    heard = RUNNING.model_copy(update={"heard": 1001.0, "seconds_left": 43.0})
    pruning = RUNNING.model_copy(update={"stage": "prune"})
    told = standing.changes([RUNNING, heard, pruning, pruning])
    assert [status.stage for status in told] == ["search", "prune"]


def test_following_a_job_that_runs_no_more_ends_with_its_code(ledger: Ledger) -> None:
    say(ledger, RUNNING)
    shown = io.StringIO()
    assert standing.followed(ledger.folder, shown, as_json=False) == 130
    assert "interrupted" in shown.getvalue()
    assert standing.followed(ledger.folder, shown, as_json=True) == 130


def test_asking_loads_nothing_heavy(ledger: Ledger) -> None:
    script = (
        "import sys; from search.cli import main;"
        "main(['status', sys.argv[1]], standalone_mode=False);"
        "heavy = {'torch', 'ray', 'mlflow', 'numpy', 'matplotlib', 'optuna'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    command = [sys.executable, "-c", script, str(ledger.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("job\n  state     interrupted")
