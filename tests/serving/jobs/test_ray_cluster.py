"""What only a cluster behind Ray's Jobs API can meet; the rest is in the conformance suite."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secateur.errors import (
    ClusterError,
    ClusterRefusedError,
    JobConflictError,
    SpecError,
    UserError,
)
from serving.jobs.ray_cluster import RayCluster
from tests.serving.jobs.conformance import submission
from tests.serving.jobs.stub_head import StubHead, stub_head


@pytest.fixture
def head() -> Iterator[StubHead]:
    with stub_head() as head:
        yield head


def cluster(head: StubHead, **environment: str) -> RayCluster:
    return RayCluster(head.url, environment, every=0.01)


def test_the_process_on_the_head_reserves_nothing_and_has_time_to_stop(head: StubHead) -> None:
    cluster(head).submit(submission("a"))
    job = head.jobs["secateur-a-1"]
    assert job["entrypoint"] == "exec secateur play"
    assert job["runtime_env"] == {"env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": "60"}}


def test_a_head_that_has_just_started_is_asked_again(head: StubHead) -> None:
    busy = (500, "No available agent to submit job, please try again later.")
    head.refusals = [busy, busy]
    assert cluster(head).submit(submission("a")).attempt == 1


def test_a_head_that_never_takes_a_job_is_told(head: StubHead) -> None:
    head.refusals = [(500, "No available agent to submit job, please try again later.")] * 100
    with pytest.raises(ClusterError, match="takes no job at the moment"):
        cluster(head).submit(submission("a"))


def test_a_job_that_is_not_there_yet_is_stopped_all_the_same(head: StubHead) -> None:
    cluster(head).submit(submission("a"))
    head.deaf = 2
    assert cluster(head).stop("a").phase == "stopped"


def test_an_error_of_the_head_is_one_line(head: StubHead) -> None:
    head.refusals = [(500, "Traceback (most recent call last):\n  ...\nKeyError: 'node'\n")]
    with pytest.raises(ClusterError) as error:
        cluster(head).submit(submission("a"))
    assert str(error.value) == f"{head.url}: answers 500: KeyError: 'node'"


def test_a_head_that_asks_for_a_token(head: StubHead, tmp_path: Path) -> None:
    head.token = "right"
    with pytest.raises(ClusterRefusedError, match="asks for a token; set RAY_AUTH_TOKEN"):
        cluster(head, HOME=str(tmp_path)).jobs()
    with pytest.raises(ClusterRefusedError, match="refuses this token"):
        cluster(head, RAY_AUTH_TOKEN="wrong").jobs()
    assert cluster(head, RAY_AUTH_TOKEN="right").jobs() == ()


def test_another_version_of_ray_is_refused_before_anything_is_sent(head: StubHead) -> None:
    head.version = "2.9.0"
    with pytest.raises(ClusterRefusedError, match=r"runs Ray 2\.9\.0, this is Ray 2\.\d+"):
        cluster(head).submit(submission("a"))
    assert not head.jobs


def test_an_error_of_a_status_that_is_no_standard_s(head: StubHead) -> None:
    head.refusals = [(520, "")]
    with pytest.raises(ClusterError, match=f"{head.url}: answers 520: nothing more"):
        cluster(head).submit(submission("a"))


def test_a_progress_bar_in_a_log_that_is_followed(head: StubHead) -> None:
    """Its carriage returns end no line; what follows it is told once."""
    lines = followed(head, "10 %\r20 %", "next")
    head.print("secateur-a-1", "last")
    head.end("secateur-a-1", 0)
    assert list(lines) == ["last"]


def test_a_log_is_followed_past_a_head_that_was_away(head: StubHead) -> None:
    lines = followed(head, "one", "two")
    head.away = 3
    head.print("secateur-a-1", "three")
    head.end("secateur-a-1", 0)
    assert list(lines) == ["three"]
    assert not head.away


def test_a_log_that_is_followed_of_a_job_that_the_head_has_forgotten(head: StubHead) -> None:
    lines = followed(head, "one", "two")
    head.jobs.clear()
    with pytest.raises(JobConflictError, match="'a' is no job of this cluster"):
        next(lines)


def followed(head: StubHead, *lines: str) -> Iterator[str]:
    """The log of a job that runs, of which these lines have been told."""
    cluster(head).submit(submission("a"))
    head.move("secateur-a-1", status="RUNNING")
    head.print("secateur-a-1", *lines)
    log = cluster(head).logs("a", follow=True)
    assert [next(log) for _ in lines] == [*lines]
    return log


def test_nobody_at_the_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"{url}: no cluster answers: .*refused"):
            RayCluster(url, {}).jobs()


def test_a_host_whose_name_is_none() -> None:
    with pytest.raises(ClusterError, match=r"http://a\.\.b:1: no cluster answers: "):
        RayCluster("http://a..b:1", {}).jobs()


@pytest.mark.parametrize("content", [b"<html>hello</html>", b'{"hello": 1}'])
def test_something_else_at_the_address(content: bytes) -> None:
    with answering(content) as url, pytest.raises(ClusterError, match="no head of a Ray cluster"):
        RayCluster(url, {}).jobs()


def test_a_head_that_does_not_speak_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example.org\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ClusterError, match="no cluster answers"):
            RayCluster(url, {}).jobs()
        thread.join()


@pytest.mark.parametrize(
    "address",
    ["", "head:8265", "ray://head:10001", "http://", "http://head:port", "http://u:p@head:1",
     "http://head:8265?x=1", "file:///etc/passwd"],
)  # fmt: skip
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(SpecError, match=r"address: .*http://host:8265"):
        RayCluster(address, {})


def test_a_token_that_no_header_can_hold() -> None:
    with pytest.raises(UserError, match="printable ASCII"):
        RayCluster("http://127.0.0.1:1", {"RAY_AUTH_TOKEN": "a\r\nb"})


@pytest.mark.parametrize(
    ("code", "lines", "phase", "message"),
    [
        (127, ["sh: 1: exec: secateur: not found"], "failed", "no secateur on the PATH"),
        (-9, ["search 3/9 trials"], "failed", "its process was killed by signal 9"),
        (1, ["Traceback:", "ValueError: seven"], "failed", "ValueError: seven"),
        (1, [], "failed", "ended with exit code 1 without a word"),
        (130, ["secateur: stopped; the same goes on"], "stopped", "stopped; the same goes on"),
    ],
)
def test_how_a_process_ended(
    head: StubHead, code: int, lines: list[str], phase: str, message: str
) -> None:
    cluster(head).submit(submission("a"))
    head.print("secateur-a-1", *lines)
    head.end("secateur-a-1", code)
    state = cluster(head).find("a")
    assert state is not None
    assert state.phase == phase
    assert state.message.startswith(message)
    assert "\n" not in state.message
    assert state.code != 0


def test_a_job_whose_process_never_began(head: StubHead) -> None:
    cluster(head).submit(submission("a"))
    died = "Job supervisor actor could not be scheduled: no node\n"
    head.move("secateur-a-1", status="FAILED", message=died)
    state = cluster(head).find("a")
    assert state is not None
    assert (state.phase, state.exit_code, state.code) == ("failed", None, 1)
    assert state.message == died.strip()


def test_what_ray_says_in_other_words_is_no_guess(head: StubHead) -> None:
    cluster(head).submit(submission("a"))
    head.move("secateur-a-1", status="PAUSED")
    with pytest.raises(ClusterError, match="secateur-a-1: Ray says nothing usable of 'PAUSED'"):
        cluster(head).find("a")


def test_names_with_dashes_and_numbers_stay_apart(head: StubHead) -> None:
    for name in ("a", "a-1", "a-1-1"):
        cluster(head).submit(submission(name))
    assert [state.name for state in cluster(head).jobs()] == ["a", "a-1", "a-1-1"]
    assert set(head.jobs) == {"secateur-a-1", "secateur-a-1-1", "secateur-a-1-1-1"}


def test_the_longest_spec_reaches_its_job_in_one_variable(head: StubHead) -> None:
    from serving.jobs.records import MOST_BYTES, Submission

    start = "name: long\ndata: {kind: digits}\n# "
    sent = Submission.of(start + "é" * ((MOST_BYTES - len(start)) // 2))
    cluster(head).submit(sent)
    # Linux takes 131,072 bytes in a variable; Ray writes all characters beyond ASCII as \uXXXX.
    assert len(json.dumps({"metadata": head.jobs["secateur-long-1"]["metadata"]})) < 110_000


@contextmanager
def answering(content: bytes) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        thread.join()
