"""The client against a server of canned answers."""

from __future__ import annotations

import json
import pickle
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from secateur.errors import SpecError, UserError
from serving.client import check_ready, classify, infer
from serving.errors import ServerResponseError, UnreachableError

ANSWER = b'{"model":"m","version":"1","label":"a","probabilities":{"a":0.75,"b":0.25}}'
Canned = Callable[[int, bytes], "Server"]


class Server(HTTPServer):
    """Answers everything alike and remembers what was asked."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.answer = status, answer
        self.asked: list[tuple[str, bytes]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, body))
        self.server.keys.append(self.headers["Authorization"])
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(status: int, answer: bytes) -> Iterator[Server]:
    with Server(status, answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_prediction() -> None:
    with answering(200, ANSWER) as server:
        prediction = classify(server.url + "/", "a b/c", b"pixels")
    assert server.asked == [("/v1/models/a%20b%2Fc/classify", b"pixels")]
    assert prediction.label == "a"
    assert (prediction.model, prediction.version) == ("m", "1")
    assert prediction.probabilities == {"a": 0.75, "b": 0.25}


def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with answering(200, ANSWER) as server:
        assert classify(server.url, "m", b"").model == "m"


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (404, b'{"error": "model \'m\' is not served here"}', "404: model 'm' is not served here"),
        (503, b"busy", "503: Service Unavailable"),
        (400, b'{"error": "two\\nlines"}', "400: two lines"),
        (500, b'["error"]', "500: Internal Server Error"),
        (200, b"<html>", "answered no prediction"),
        (200, b'{"label": "a"}', "answered no prediction"),
    ],
)
def test_answers_that_are_no_prediction(status: int, answer: bytes, message: str) -> None:
    with answering(status, answer) as server, pytest.raises(ServerResponseError) as error:
        classify(server.url, "m", b"")
    assert message in str(error.value)
    assert error.value.status == status


def test_a_key() -> None:
    with answering(200, ANSWER) as server:
        classify(server.url, "m", b"", key="secret")
        classify(server.url, "m", b"")
    assert server.keys == ["Bearer secret", None]
    with pytest.raises(UserError, match="API key holds characters"):
        classify("http://127.0.0.1:1", "m", b"", key="a\nb")


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=r"no server answers.*refused"):
            classify(url, "m", b"")


def test_somebody_who_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="timed out"):
            classify(url, "m", b"", timeout=0.05)


@pytest.mark.parametrize(
    "url", ["file:///etc/hosts", "127.0.0.1:8000", "", "http://", "http://a:b", "http://[a"]
)
def test_addresses_of_no_server(url: str) -> None:
    with pytest.raises(SpecError, match=r"^url: .* as http://host:port$"):
        classify(url, "m", b"")


def test_a_host_whose_name_is_none() -> None:
    with pytest.raises(UnreachableError, match=r"http://a\.\.b:1: no server answers: "):
        classify("http://a..b:1", "m", b"")


def test_readiness() -> None:
    with answering(200, b'{"ready": true}') as server:
        check_ready(server.url)
    assert server.asked == [("/v2/health/ready", b"")]
    with answering(200, b'{"ready": false}') as server, pytest.raises(ServerResponseError):
        check_ready(server.url)


def test_the_error_crosses_process_borders() -> None:
    error = pickle.loads(pickle.dumps(ServerResponseError("gone", 404)))
    assert (str(error), error.status) == ("gone", 404)


def test_what_no_picture_can_hold() -> None:
    answer = b'{"outputs": [{"name": "probabilities", "shape": [1, 2], "data": [0.25, 0.75]}]}'
    rows = np.arange(4, dtype=np.float32).reshape(1, 2, 1, 2)
    with answering(200, answer) as server:
        assert infer(server.url, "a b", rows) == [0.25, 0.75]
    ((path, body),) = server.asked
    assert path == "/v2/models/a%20b/infer"
    assert json.loads(body)["inputs"] == [
        {"name": "images", "shape": [1, 2, 1, 2], "datatype": "FP32", "data": [0, 1, 2, 3]}
    ]


@pytest.mark.parametrize("answer", [b"<html>", b'{"outputs": []}', b'{"outputs": [{}]}', b"[]"])
def test_answers_that_are_no_tensor(answer: bytes) -> None:
    with answering(200, answer) as server, pytest.raises(ServerResponseError, match="no tensor"):
        infer(server.url, "m", np.zeros((1, 2, 1, 2), np.float32))
