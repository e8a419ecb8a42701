"""What the command line says of a tracking server that refuses, one line that names what to set."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from search.cli import main

# What MLflow's server answers, word for word.
UNKNOWN = (401, "You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth")
FORBIDDEN = (403, "Permission denied")
HOST = (403, "Invalid Host header - possible DNS rebinding attack detected")

SET = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"


class Refusing(BaseHTTPRequestHandler):
    """Answers whatever it is asked with ``server.answer``."""

    def do_GET(self) -> None:
        status, text = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Of the server, which holds a password that nobody should see again."""
    address = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://anna:secret@{address}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return address


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (UNKNOWN, f"the registry at SERVER does not answer: 401, who asks is not known; {SET}\n"),
        # Such a server does not tell whether there is such a model.
        (
            FORBIDDEN,
            f"models:/digits: not in the registry at SERVER (403, permission denied; {SET} ",
        ),
        (HOST, "the registry at SERVER does not answer: 403, it does not go by the name in MLFLOW"),
    ],
)
def test_of_models(
    server: ThreadingHTTPServer, address: str, answer: tuple[int, str], said: str
) -> None:
    server.answer = answer
    done = CliRunner().invoke(main, ["promote", "digits"])
    assert done.exit_code == 2
    assert done.output.startswith("secateur: error: " + said.replace("SERVER", f"http://{address}"))
    assert len(done.output.splitlines()) == 1


def test_validate_says_it_of_a_sound_job(
    server: ThreadingHTTPServer, address: str, tmp_path: Path
) -> None:
    server.answer = UNKNOWN
    job = {
        "name": "job",
        "data": {"kind": "digits", "limit": 200},
        "search": {"networks": [{"kind": "mlp", "depth": 1, "width": 8}]},
        "prune": None,
    }
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
    done = CliRunner().invoke(main, ["validate", str(tmp_path / "job.yaml")])
    sound, tracking = done.output.splitlines()
    assert done.exit_code == 0
    assert "sound" in sound
    assert tracking == (
        f"tracking: http://{address} does not answer: 401, who asks is not known; {SET}"
    )


def test_a_machine_that_is_not_there(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://anna:secret@nowhere.invalid:5000")
    done = CliRunner().invoke(main, ["promote", "digits"])
    assert done.exit_code == 2
    assert "no machine is called 'nowhere.invalid'; see MLFLOW_TRACKING_URI" in done.output
    assert "secret" not in done.output


def test_an_address_of_no_store(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "htp://127.0.0.1:5000")
    done = CliRunner().invoke(main, ["promote", "digits"])
    assert done.exit_code == 2
    said = "secateur: error: MLFLOW_TRACKING_URI: 'htp://127.0.0.1:5000' is not usable; expected "
    assert done.output.startswith(said)
