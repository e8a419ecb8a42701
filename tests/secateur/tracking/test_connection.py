"""How MLflow is connected to: asked once where it is away, and a new SQLite file made by one."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secateur.tracking import connection


class Away(BaseHTTPRequestHandler):
    """Answers as what stands before a server that is away, and notes what was asked for."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path.partition("?")[0].rpartition("/")[2])
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


ASK = """
import sys
from secateur.errors import RegistryUnreachableError
from secateur.tracking.probe import complaint
from secateur.tracking.registry import Registry
try:
    Registry(sys.argv[1]).resolve("digits")
except RegistryUnreachableError as error:
    print(error)
print(complaint(sys.argv[1], "digits"))
"""

OPEN = """
import sys
from secateur.tracking.connection import connect
print("ready", flush=True)
sys.stdin.readline()
connect(sys.argv[1]).search_experiments(max_results=1)
"""


def test_a_server_that_is_away_is_asked_once() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Away)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = subprocess.run(
            [sys.executable, "-c", ASK, f"http://127.0.0.1:{server.server_port}"],
            env={name: said for name, said in os.environ.items() if not name.startswith("MLFLOW")},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    registry, job = done.stdout.splitlines()
    assert registry.endswith("does not answer: it answers 503")
    assert job.endswith("does not answer: it answers 503")
    assert server.asked == ["alias", "get-by-name"]


def test_a_file_is_opened_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mlflow.db"

    def free() -> bool:
        with (tmp_path / ".mlflow.db.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    monkeypatch.setattr(connection, "MlflowClient", lambda _: free())
    assert connection.connect(f"sqlite:///{file}") is False
    assert free()


@pytest.mark.parametrize("uri", ["sqlite:///", "sqlite:////nowhere/mlflow.db", "http://host:5000"])
def test_what_cannot_be_held_is_opened_all_the_same(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MlflowClient", lambda opened: opened)
    assert connection.connect(uri) == uri


@pytest.mark.slow
def test_four_jobs_begin_together_where_there_was_none(tmp_path: Path) -> None:
    """Without the lock all but one fail: the others' columns are there already."""
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, f"sqlite:///{tmp_path / 'mlflow.db'}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        opener.stdin.write("\n")
        opener.stdin.close()
    assert [opener.wait() for opener in openers] == [0, 0, 0, 0]
    for opener in openers:
        opener.stdout.close()
