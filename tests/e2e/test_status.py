"""``secateur status`` beside a job: while it runs, after it was killed, when it has ended."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def home(finished) -> Path:
    """Commands find the finished job."""
    return finished.home


def test_an_interrupted_job_says_where_to_look(finished) -> None:
    assert "secateur status tiny says how far it has come" in finished.first


def test_a_finished_job_is_told_as_such(finished, secateur) -> None:
    process = secateur("status", "tiny", "--json")
    told = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert (told["state"], told["exit_code"]) == ("finished", 0)
    assert (told["stage"], told["place"]) == ("publish", 5)
    assert set(told["held"]) == set(told["stages"])
    # Two trials at a time at most, over both runs of the job.
    assert 0 < told["held"]["search"]["cpu_seconds"] <= 2 * told["held"]["search"]["seconds"]
    assert finished.second in Path(told["logs"]["log"]).read_text()


def test_all_jobs_are_told_in_a_line_each(finished, secateur) -> None:
    output, _ = secateur("status").communicate()
    _, line = output.splitlines()
    assert line.split()[:2] == ["tiny", "finished"]


def test_following_a_job_that_has_ended_ends_at_once(finished, secateur) -> None:
    process = secateur("status", "tiny", "--follow")
    output, _ = process.communicate()
    assert process.returncode == 0
    assert re.search(r"state +finished\n", output)


def test_an_unknown_job_and_no_job_are_refused(finished, secateur) -> None:
    process = secateur("status", "huge")
    output, _ = process.communicate()
    assert process.returncode == 2
    assert "expected one of: tiny" in output
    process = secateur("status", "--follow")
    output, _ = process.communicate()
    assert process.returncode == 2
    assert "--follow needs" in output


@pytest.mark.slow
def test_a_job_that_is_killed_is_told_as_interrupted(secateur, tmp_path: Path) -> None:
    spec = {
        "name": "killed",
        "data": {"kind": "digits", "limit": 200},
        "search": {"trials": 60, "epochs": 2, "networks": [{"kind": "mlp"}]},
        "prune": None,
    }
    path = tmp_path / "killed.yaml"
    path.write_text(yaml.safe_dump(spec))
    job = secateur("run", path)
    assert job.stdout.readline().startswith("  search ")
    follower = secateur("status", "killed", "--follow", "--json")
    first = json.loads(follower.stdout.readline())
    assert (first["state"], first["stage"], first["pid"]) == ("running", "search", job.pid)
    assert first["activity"]["done"] >= 15
    os.killpg(job.pid, signal.SIGKILL)
    *_, last = follower.stdout
    assert follower.wait() == 130
    assert json.loads(last)["state"] == "interrupted"
    output, _ = secateur("status", "killed").communicate()
    assert "interrupted; the same secateur run goes on" in output
