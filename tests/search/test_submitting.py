"""The commands of who submits, against Ray's Jobs API without Ray."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from search import submitting
from search.cli import main
from secateur.errors import JobConflictError
from serving.jobs.lines import begins
from serving.jobs.records import JobState, Submission
from tests.serving.jobs.fake import FakeCluster
from tests.serving.jobs.stub_head import StubHead, stub_head

SPEC = "name: tiny\ndata: {kind: digits}\n"
JOB = "secateur-tiny-1"

Secateur = Callable[..., Result]


@pytest.fixture
def head() -> Iterator[StubHead]:
    with stub_head() as head:
        yield head


@pytest.fixture
def secateur(head: StubHead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secateur:
    """Runs a command where the head's address is in the environment, and a spec is at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECATEUR_ADDRESS", head.url)
    for name in ("SECATEUR_GATEWAY", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tiny.yaml").write_text(SPEC)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run


def plays(head: StubHead, code: int | None, *lines: str) -> None:
    """Have the head's jobs print lines, and end where there is a code."""

    def play(job: str) -> None:
        head.move(job, status="RUNNING")
        head.print(job, *lines)
        if code is not None:
            head.end(job, code)

    head.plays = play


def test_submit_waits_until_the_first_stage_begins(head: StubHead, secateur: Secateur) -> None:
    plays(head, None, "1 image was skipped", begins("tiny", "2 nodes, 8 CPUs"))
    done = secateur("submit", "tiny.yaml")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "tiny: submitted, attempt 1",
        "tiny runs on 2 nodes, 8 CPUs; secateur logs tiny --follow shows how it goes",
    ]


def test_submit_ends_as_a_job_that_cannot_begin(head: StubHead, secateur: Secateur) -> None:
    plays(head, 2, "secateur: error: version: submitted by Sécateur 0.1.0, the cluster has 0.0.1")
    done = secateur("submit", "tiny.yaml")
    assert done.exit_code == 2
    assert done.output.splitlines()[1:] == [
        "tiny: failed: version: submitted by Sécateur 0.1.0, the cluster has 0.0.1"
    ]


def test_submit_does_not_wait_where_it_need_not(head: StubHead, secateur: Secateur) -> None:
    done = secateur("submit", "tiny.yaml", "--detach")
    assert (done.exit_code, done.output) == (0, "tiny: submitted, attempt 1\n")
    again = secateur("submit", "tiny.yaml")
    assert again.exit_code == 0
    assert again.output == "tiny: pending, attempt 1; nothing new was started\n"
    assert list(head.jobs) == [JOB]


def test_a_job_that_was_refused_by_the_gate_is_not_done_again(
    head: StubHead, secateur: Secateur
) -> None:
    plays(head, 3, begins("tiny", "1 node"), "secateur: not published: accuracy")
    secateur("submit", "tiny.yaml")
    again = secateur("submit", "tiny.yaml")
    assert again.exit_code == 3
    assert again.output.startswith("tiny: succeeded: not published: accuracy, attempt 1; nothing")


def test_stop_and_resume(head: StubHead, secateur: Secateur) -> None:
    plays(head, None, begins("tiny", "1 node, 2 CPUs"))
    secateur("submit", "tiny.yaml")
    stopped = secateur("stop", "tiny")
    assert stopped.exit_code == 0
    assert stopped.output == "tiny: stopped; secateur resume tiny goes on\n"
    resumed = secateur("resume", "tiny")
    assert resumed.exit_code == 0, resumed.output
    assert resumed.output.splitlines()[0] == "tiny: submitted, attempt 2"
    assert list(head.jobs) == [JOB, "secateur-tiny-2"]


class Queueing(FakeCluster):
    """A job that was stopped in the queue of a gateway is queued again; it came to no attempt."""

    stopped = JobState(name="tiny", digest="", phase="stopped")

    def find(self, name: str) -> JobState:
        return self.stopped

    def resume(self, name: str) -> JobState:
        return self.stopped.model_copy(update={"phase": "queued", "message": "place 1"})


def test_a_job_that_is_queued_again_was_submitted() -> None:
    said: list[str] = []
    assert submitting.resume(Queueing(), "tiny", said.append, wait=True) == 0
    assert said == ["tiny: submitted, attempt 1; queued: place 1"]


class Forgetful(FakeCluster):
    """Takes the order to stop, and knows of no job any more: its head was started anew."""

    def stop(self, name: str) -> JobState:
        return self._states.pop(name)


def test_a_job_that_its_cluster_forgets_while_it_stops_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(submitting, "EVERY_S", 0.0)
    cluster = Forgetful()
    cluster.submit(Submission.of(SPEC))
    with pytest.raises(JobConflictError, match="'tiny' is no job of this cluster"):
        submitting.stop(cluster, "tiny", lambda _: None, wait=True)


def test_logs_end_as_the_job_where_they_are_followed(head: StubHead, secateur: Secateur) -> None:
    plays(head, 1, begins("tiny", "1 node"), "secateur: error: search: none of 3 trials finished")
    secateur("submit", "tiny.yaml")
    told = "tiny runs on 1 node\nsecateur: error: search: none of 3 trials finished\n"
    assert secateur("logs", "tiny").output == told
    assert secateur("logs", "tiny").exit_code == 0
    followed = secateur("logs", "tiny", "--follow")
    assert followed.exit_code == 1
    assert followed.output == told + "tiny: failed: search: none of 3 trials finished\n"


def test_status_tells_one_or_all(head: StubHead, secateur: Secateur) -> None:
    assert secateur("status").output == "no jobs yet\n"
    plays(head, None, begins("tiny", "1 node"), "  search    1/3 trials  stage 1/5  [4 s]", "")
    secateur("submit", "tiny.yaml")
    one = secateur("status", "tiny").output.splitlines()
    assert one == ["tiny: running, attempt 1", "  search    1/3 trials  stage 1/5  [4 s]"]
    titles, row = secateur("status").output.splitlines()
    assert titles.split() == ["job", "phase", "attempt", "submitted", "for"]
    assert row.split()[:3] == ["tiny", "running", "1"]
    as_json = json.loads(secateur("status", "--json").output)
    assert [(job["name"], job["phase"]) for job in as_json] == [("tiny", "running")]
    assert json.loads(secateur("status", "tiny", "--json").output) == as_json[0]


def test_status_reads_folders_where_no_cluster_is_named(
    secateur: Secateur, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    here = secateur("status", "--address", "")
    assert here.output == f"{tmp_path / 'home'}: no jobs yet\n"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("name: a/b\ndata: {kind: digits}\n", "name: 'a/b' is not usable"),
        (SPEC + "trails: 9\n", "'trails' is not usable"),
        (SPEC + "search: {trials: 1.5}\n", "search.trials: 1.5 is not usable"),
        (SPEC + "prune: {targets: [0.5, 0.5]}\n", "prune.targets"),
        (SPEC + "seed: !!python/object/apply:os.getpid []\n", "valid YAML"),
        (SPEC + "a: &a [x, x]\nb: [*a, *a]\n", "'a' is not usable"),
        ("name: tiny\n" * 2, "expected valid YAML"),
        (SPEC + "#" * 2_000_000, "expected at most 32,768 bytes to submit"),
        ("\x00", "valid YAML"),
        ("", "expected a mapping"),
    ],
)
def test_a_wrong_spec_is_one_line_and_nothing_is_sent(
    head: StubHead, secateur: Secateur, tmp_path: Path, spec: str, said: str
) -> None:
    (tmp_path / "wrong.yaml").write_text(spec)
    refused(secateur("submit", "wrong.yaml"), said)
    assert not head.jobs


def test_a_file_that_is_no_text(secateur: Secateur, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_bytes(b"name: \xff\xfe")
    refused(secateur("submit", "wrong.yaml"), "expected YAML in UTF-8")
    refused(secateur("submit", "absent.yaml"), "expected a readable YAML file")


def test_an_address_that_is_said_beats_one_of_the_environment(
    head: StubHead, secateur: Secateur, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_KEY", "k" * 40)
    there = secateur("status", "--gateway", "http://127.0.0.1:9")
    assert there.exit_code == 1
    assert "http://127.0.0.1:9: no cluster answers" in there.output
    monkeypatch.setenv("SECATEUR_GATEWAY", "http://127.0.0.1:9")
    assert secateur("status", "--address", head.url).output == "no jobs yet\n"
    assert "expected the address of one cluster" in secateur("status").output


def test_another_job_of_the_name(head: StubHead, secateur: Secateur, tmp_path: Path) -> None:
    secateur("submit", "tiny.yaml", "--detach")
    (tmp_path / "other.yaml").write_text(SPEC + "seed: 1\n")
    refused(secateur("submit", "other.yaml"), "'tiny' was submitted with another spec")
    refused(secateur("submit", "other.yaml", "--restart"), "'tiny' is pending; stop it before")
    assert list(head.jobs) == [JOB]


@pytest.mark.parametrize("command", ["stop", "resume", "logs", "status"])
def test_a_name_that_is_no_job(secateur: Secateur, command: str) -> None:
    refused(secateur(command, "absent"), "'absent' is no job of this cluster")


def test_a_cluster_that_does_not_answer_is_no_mistake(head: StubHead, secateur: Secateur) -> None:
    done = secateur("submit", "tiny.yaml", "--address", "http://127.0.0.1:9")
    assert done.exit_code == 1
    assert done.output.startswith("secateur: error: http://127.0.0.1:9: no cluster answers")


def test_a_cluster_that_asks_for_a_token(
    head: StubHead, secateur: Secateur, monkeypatch: pytest.MonkeyPatch
) -> None:
    head.token = "right"
    refused(secateur("submit", "tiny.yaml"), "asks for a token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "wrong")
    refused(secateur("submit", "tiny.yaml"), "refuses this token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "right")
    assert secateur("submit", "tiny.yaml", "--detach").exit_code == 0


def test_a_cluster_with_another_ray(head: StubHead, secateur: Secateur) -> None:
    head.version = "2.1.0"
    refused(secateur("submit", "tiny.yaml"), "runs Ray 2.1.0, this is Ray")
    assert not head.jobs


def test_a_cluster_without_secateur(head: StubHead, secateur: Secateur) -> None:
    plays(head, 127, "sh: 1: exec: secateur: not found")
    done = secateur("submit", "tiny.yaml")
    assert done.exit_code == 1
    assert "tiny: failed: no secateur on the PATH of the cluster's head" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submit", "tiny.yaml", "--address", ""], "expected the address of one cluster"),
        (["logs", "tiny", "--gateway", "http://a", "--address", "http://b"], "of one cluster"),
        (["logs", "tiny", "--address", "head:8265"], "as http://host:8265"),
        (["status", "tiny", "--follow"], "expected secateur logs --follow"),
        (["submit"], "Missing argument 'SPEC'"),
        (["play"], "not started as a submitted job"),
    ],
)
def test_commands_that_name_no_cluster(secateur: Secateur, arguments: list[str], said: str) -> None:
    done = secateur(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def refused(done: Result, said: str) -> None:
    """One line, and the exit code of a mistake."""
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert done.output.startswith("secateur: error: ")
    assert done.output.count("\n") == 1
