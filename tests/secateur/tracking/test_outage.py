"""A job beside a tracking server that is away, slow, refusing, full, or loses its answers.

The server is MLflow's own over a SQLite store, behind a door that says who is let in.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from mlflow import MlflowClient

from secateur.errors import TrackingError
from secateur.tracking.mlflow_tracker import MLflowTracker
from secateur.tracking.port import UsedData

PATIENCE_S = 120
"""For what takes milliseconds where the machine is not busy."""

Answer = Iterable[bytes]
Application = Callable[[dict[str, Any], Callable[..., Any]], Answer]


class Door:
    """Stands before a server: lets requests pass, or does to them what it is told.

    Attributes:
        status: answered instead, where set; e.g. ``403 Forbidden``.
        shut_after: so many more requests are let in, and then none; any number where absent.
        lost: number of the request, from 0, that is done while its answer gets lost.
        seen: requests so far.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self.open = threading.Event()
        self.asked = threading.Event()
        self.reset()

    def reset(self) -> None:
        self.status: str | None = None
        self.shut_after: int | None = None
        self.lost: int | None = None
        self.seen = 0
        self.open.set()
        self.asked.clear()

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Answer:
        number, self.seen = self.seen, self.seen + 1
        self.asked.set()
        self.open.wait()
        status = self.status
        if self.shut_after is not None and number >= self.shut_after:
            status = "500 Internal Server Error"
        if status is None and number == self.lost:
            list(self._application(environment, lambda *_: lambda _: None))
            status = "502 Bad Gateway"
        if status is None:
            return self._application(environment, start)
        start(status, [("Content-Type", "text/plain")])
        return [b"no"]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """MLflow's server; it reads its settings from the environment when it is first asked."""
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("_MLFLOW_SERVER_FILE_STORE", f"sqlite:///{folder / 'mlflow.db'}")
        patch.setenv("_MLFLOW_SERVER_ARTIFACT_ROOT", (folder / "files").as_uri())
        # At every search it would import its login pages anew, in vain: their packages are not
        # here.
        patch.setitem(sys.modules, "mlflow.server.auth", None)
        from mlflow.server import app

        # Its first answer makes the database, which may take longer than a client waits.
        first = app.test_client().get("/api/2.0/mlflow/experiments/search?max_results=1")
        assert first.status_code == 200, first.text
        yield app


@pytest.fixture(scope="module")
def server(application: Application) -> Iterator[tuple[str, Door]]:
    door = Door(application)
    with make_server("127.0.0.1", 0, door, Server, Quiet) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}", door
        serving.shutdown()
        thread.join()


@pytest.fixture
def address(server: tuple[str, Door]) -> str:
    return server[0]


@pytest.fixture
def door(server: tuple[str, Door]) -> Iterator[Door]:
    server[1].reset()
    yield server[1]
    server[1].reset()


class Told:
    """Lines for people, and the wait for one."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = threading.Condition()

    def __call__(self, line: str) -> None:
        with self._more:
            self.lines.append(line)
            self._more.notify_all()

    def wait_for(self, words: str) -> None:
        with self._more:
            said = self._more.wait_for(
                lambda: any(words in line for line in self.lines), PATIENCE_S
            )
            assert said, (words, self.lines)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def process(
    tmp_path: Path, told: Told, request: pytest.FixtureRequest
) -> Iterator[Callable[..., MLflowTracker]]:
    """Opens the tracker of one process of this test's job after the other."""
    opened: list[MLflowTracker] = []

    def begin(address: str) -> MLflowTracker:
        for before in opened:
            before.close(within=0)
        join()
        folder = tmp_path / "job" / "tracking"
        opened.append(
            MLflowTracker(
                address, request.node.name, "a", folder, tell=told, gather_s=0, pause_s=0.01
            )
        )
        return opened[-1]

    yield begin
    for tracker in opened:
        tracker.close(within=0)


def join() -> None:
    """Wait for the threads of closed trackers, which a kill would have taken along."""
    for thread in threading.enumerate():
        if thread.name == "tracking":
            thread.join()


def play(tracker: MLflowTracker, folder: Path) -> None:
    """A small job: a trial of three epochs, and a file; a dozen requests at least."""
    root = tracker.start("job", name="digits", parameters={"seed": 0})
    tracker.use(root, UsedData("digits", "d", "sklearn"), "train")
    trial = tracker.start("trial", name="trial-0", parent=root, parameters={"width": 8})
    for epoch in (1, 2, 3):
        tracker.log(trial, {"loss": 1 / epoch, "accuracy": epoch / 10}, epoch)
    tracker.end(trial, "KILLED", "scheduler")
    report = folder / "report.md"
    report.write_text("words")
    tracker.attach(root, report)
    tracker.tag(root, {"mlflow.note.content": "won"})
    tracker.end(root)


def check(address: str, experiment: str) -> None:
    """Nothing of it is lost or doubled."""
    client = MlflowClient(address)
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    runs = {run.data.tags["secateur.key"]: run for run in found}
    assert sorted(run.data.tags["secateur.key"] for run in found) == ["job", "trial"]
    root, trial = runs["job"], runs["trial"]
    assert (root.info.status, trial.info.status) == ("FINISHED", "KILLED")
    assert (root.data.params, trial.data.params) == ({"seed": "0"}, {"width": "8"})
    assert trial.data.tags["mlflow.parentRunId"] == root.info.run_id
    assert trial.data.tags["stop_reason"] == "scheduler"
    assert root.data.tags["mlflow.note.content"] == "won"
    assert len(root.inputs.dataset_inputs) == 1
    for name, values in {"loss": (1, 1 / 2, 1 / 3), "accuracy": (0.1, 0.2, 0.3)}.items():
        history = client.get_metric_history(trial.info.run_id, name)
        assert [(point.step, point.value) for point in history] == list(enumerate(values, 1))
    assert [file.path for file in client.list_artifacts(root.info.run_id)] == ["report.md"]


def test_a_server_that_is_well_says_nothing(
    door: Door, address: str, process, told: Told, tmp_path: Path, request: Any
) -> None:
    tracker = process(address)
    play(tracker, tmp_path)
    tracker.settle()
    tracker.close()
    assert told.lines == []
    assert not tracker.left
    check(address, request.node.name)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("401 Unauthorized", "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        ("403 Forbidden", "403, permission denied"),
        ("500 Internal Server Error", "it answers 500"),
    ],
)
def test_a_server_that_refuses_is_said_once_and_so_is_its_return(
    door: Door, address: str, process, told: Told, tmp_path: Path, request: Any,
    status: str, said: str,
) -> None:  # fmt: skip
    door.status = status
    tracker = process(address)
    play(tracker, tmp_path)
    told.wait_for("does not answer")
    for _ in range(3):
        with pytest.raises(TrackingError, match="does not answer") as error:
            tracker.settle()
        assert said in str(error.value)
    (line,) = told.lines
    assert line.startswith(f"tracking: {address} does not answer: ")
    assert said in line
    assert f"kept in {tmp_path / 'job' / 'tracking'}, secateur sync " in line
    door.status = None
    told.wait_for("answers again")
    tracker.settle()
    assert len(told.lines) == 2
    check(address, request.node.name)


def test_a_job_does_not_wait_for_a_slow_server(
    door: Door, address: str, process, told: Told, tmp_path: Path, request: Any
) -> None:
    """Every operation returns while the server has not answered the first request."""
    door.open.clear()
    tracker = process(address)
    tracker.start("job", name="digits", parameters={"seed": 0})
    assert door.asked.wait(PATIENCE_S)
    play(tracker, tmp_path)
    assert not door.open.is_set()
    door.open.set()
    tracker.settle()
    check(address, request.node.name)
    assert told.lines == []


def test_the_end_of_a_job_does_not_wait_for_ever(
    door: Door, address: str, process, told: Told, tmp_path: Path
) -> None:
    door.open.clear()
    tracker = process(address)
    play(tracker, tmp_path)
    assert door.asked.wait(PATIENCE_S)
    tracker.close(within=0)
    (line,) = told.lines
    assert line.startswith(f"tracking: {address} has not taken all in time; kept in {tmp_path}")
    assert tracker.left
    # The thread still waits for its answer; let it end before the next test.
    door.status = "500 Internal Server Error"
    door.open.set()
    join()


@pytest.mark.parametrize("requests", range(1, 12, 3))
def test_a_server_that_fills_up_in_mid_job(
    door: Door, address: str, process, told: Told, tmp_path: Path, request: Any, requests: int
) -> None:
    door.shut_after = requests
    first = process(address)
    play(first, tmp_path)
    with pytest.raises(TrackingError, match="it answers 500"):
        first.settle()
    first.close()
    assert first.left
    door.reset()
    second = process(address)
    second.settle()
    check(address, request.node.name)
    assert not second.left


@pytest.mark.parametrize(
    ("lost", "killed"),
    [(0, False), (4, True), (5, False), (6, True), (7, False), (8, True), (10, False), (11, True)],
)
def test_whichever_answer_is_lost_nothing_is_doubled(
    door: Door, address: str, process, told: Told, tmp_path: Path, request: Any,
    lost: int, killed: bool,
) -> None:  # fmt: skip
    """The server has done what was asked, and the client cannot know; nor can its successor."""
    door.lost = lost
    tracker = process(address)
    play(tracker, tmp_path)
    told.wait_for("it answers 502")
    if killed:
        tracker.close(within=0)
        tracker = process(address)
    with suppress(TrackingError):  # the loss itself, where it is told of and not counted yet
        tracker.settle()
    tracker.settle()
    check(address, request.node.name)


def test_a_server_that_is_not_there(process, told: Told, tmp_path: Path) -> None:
    tracker = process("http://ann:secret@127.0.0.1:9")
    play(tracker, tmp_path)
    with pytest.raises(TrackingError) as error:
        tracker.run_id("job")
    tracker.close()
    (line,) = told.lines
    assert line == f"tracking: {error.value}"
    assert line.startswith("tracking: http://127.0.0.1:9 does not answer: Connection refused; ")
