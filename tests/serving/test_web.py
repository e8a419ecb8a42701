"""The HTTP interface without Ray and without a socket."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from serving.catalogue import Catalogue, Open
from serving.limits import Limits
from serving.runtime import Classifier
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.kinds import Send

INFER = "/v2/models/brightness/infer"
EXTENSIONS = ["binary_tensor_data", "classification"]
CLASSIFY = "/v1/models/brightness/classify"


def picture(level: int = 255, side: int = 4) -> bytes:
    file = io.BytesIO()
    Image.new("L", (side, side), level).save(file, "PNG")
    return file.getvalue()


def tensor(level: float = 1.0, **changes: object) -> dict[str, object]:
    images = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [level] * 16}
    return {"inputs": [images | changes]}


def error_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/json"
    content = answer.json()
    assert list(content) == ["error"]
    return str(content["error"])


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2", {"name": "secateur", "version": "0.1.0", "extensions": EXTENSIONS}),
        ("/v2/models/brightness/ready", {"name": "brightness", "ready": True}),
        ("/v2/models/brightness/versions/7/ready", {"name": "brightness", "ready": True}),
    ],
)
def test_what_can_be_read(send: Send, path: str, content: object) -> None:
    answer = send("GET", path)
    assert (answer.status_code, answer.json()) == (200, content)


@pytest.mark.parametrize("path", ["/v2/models/brightness", "/v2/models/brightness/versions/7"])
def test_metadata(send: Send, path: str) -> None:
    content = send("GET", path).json()
    parameters = content.pop("parameters")
    assert content == {
        "name": "brightness",
        "versions": ["7"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": "images", "datatype": "FP32", "shape": [-1, 1, 4, 4]}],
        "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]}],
    }
    assert parameters["task"] == "classification"
    assert parameters["labels"] == ["dark", "bright"]
    assert parameters["target"] == 0.7
    assert parameters["figures"]["flops"] == 300
    assert parameters["dense_figures"]["flops"] == 1000


@pytest.mark.parametrize("path", ["/v2/health/ready", "/v1/models", "/metrics", "/v2/models/none"])
def test_heads_are_those_of_get_without_its_body(send: Send, path: str) -> None:
    told, whole = send("HEAD", path), send("GET", path)
    assert (told.status_code, told.content) == (whole.status_code, b"")
    assert whole.content
    assert told.headers["content-type"] == whole.headers["content-type"]
    assert int(told.headers["content-length"]) > 0


def test_no_head_where_there_is_no_get(send: Send) -> None:
    answer = send("HEAD", INFER)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    assert send("POST", "/v2").headers["allow"] == "GET, HEAD"


def test_the_list_of_models(send: Send) -> None:
    (model,) = send("GET", "/v1/models").json()["models"]
    assert (model["name"], model["version"], model["task"]) == ("brightness", "7", "classification")
    assert (model["labels"], model["image_shape"]) == (["dark", "bright"], [1, 4, 4])
    assert (model["figures"]["flops"], model["dense_figures"]["flops"]) == (300, 1000)


@pytest.mark.parametrize("path", [INFER, "/v2/models/brightness/versions/7/infer"])
def test_inference(send: Send, path: str) -> None:
    answer = send("POST", path, json=tensor() | {"id": "a"})
    assert answer.status_code == 200
    content = answer.json()
    (output,) = content.pop("outputs")
    assert content == {"model_name": "brightness", "model_version": "7", "id": "a"}
    np.testing.assert_allclose(output.pop("data"), [0.1192029, 0.8807971], atol=1e-6)
    assert output == {"name": "probabilities", "shape": [1, 2], "datatype": "FP32"}


@pytest.mark.parametrize(
    "upload",
    [
        {"content": picture()},
        {"content": picture(), "headers": {"Content-Type": "image/png"}},
        {"files": {"image": ("white.png", picture())}},
    ],
    ids=["bare", "image/png", "form"],
)
def test_classification(send: Send, upload: dict[str, object]) -> None:
    answer = send("POST", CLASSIFY, **upload)
    assert answer.status_code == 200
    content = answer.json()
    probabilities = content.pop("probabilities")
    assert content == {"model": "brightness", "version": "7", "label": "bright"}
    assert probabilities == pytest.approx({"dark": 0.1192029, "bright": 0.8807971})


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v2/models/other", 404, "model 'other' is not served here"),
        ("GET", "/v2/models/brightness/versions/8", 404, "model 'brightness' has no version '8'"),
        ("GET", "/v2/models/brightness/versions/8/ready", 404, "has no version '8'"),
        ("POST", "/v2/models/other/infer", 404, "model 'other' is not served here"),
        ("POST", "/v1/models/other/classify", 404, "model 'other' is not served here"),
        ("GET", INFER, 405, "Method Not Allowed"),
        ("POST", INFER, 400, "body: Invalid JSON"),
        ("POST", CLASSIFY, 415, "not a readable picture"),
    ],
)
def test_requests_without_body_that_fail(
    send: Send, method: str, path: str, status: int, message: str
) -> None:
    answer = send(method, path)
    assert answer.status_code == status
    assert message in error_of(answer)


@pytest.mark.parametrize(
    ("path", "request_body", "status", "message"),
    [
        (INFER, {"json": tensor(datatype="INT8")}, 400, "datatype 'INT8'"),
        (INFER, {"json": tensor(shape=[1, 1, 2, 8])}, 400, "shape [1, 1, 2, 8]"),
        (INFER, {"content": json.dumps(tensor(float("nan")))}, 400, "not finite"),
        (INFER, {"content": b"x" * 20_001}, 413, "exceeds 20000 bytes"),
        (INFER, {"json": tensor(), "headers": {"Content-Encoding": "gzip"}}, 400, "not valid gzip"),
        (CLASSIFY, {"content": b"x" * 20_001}, 413, "exceeds 20000 bytes"),
        (CLASSIFY, {"content": picture(side=101)}, 413, "101 x 101 pixels"),
        (CLASSIFY, {"files": {"image": ("a.txt", b"words")}}, 415, "not a readable picture"),
        (CLASSIFY, {"data": {"a": "b"}, "files": {"c": (None, b"d")}}, 400, "holds no file"),
    ],
)
def test_bodies_that_are_refused(
    send: Send, path: str, request_body: dict[str, object], status: int, message: str
) -> None:
    answer = send("POST", path, **request_body)
    assert answer.status_code == status
    assert message in error_of(answer)


def test_a_body_of_undeclared_length_is_cut_off(send: Send) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1000

    answer = send("POST", CLASSIFY, content=endless())
    assert answer.status_code == 413
    assert sent == 21


def test_a_model_that_fails(send: Send) -> None:
    answer = send("POST", INFER, json=tensor(3e38))
    assert answer.status_code == 500
    assert error_of(answer) == "the model returned values that are not finite"


@pytest.mark.parametrize(
    ("path", "request_body"), [(INFER, {"json": tensor()}), (CLASSIFY, {"content": picture()})]
)
def test_what_nobody_foresaw_is_logged_once_and_not_told(
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    request_body: dict[str, object],
) -> None:
    def fail(self: Classifier, images: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(Classifier, "run", fail)
    with caplog.at_level(logging.ERROR):
        answer = send("POST", path, **request_body)
    assert answer.status_code == 500
    assert error_of(answer) == "internal error"
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage() == f"{path} failed"
    assert "a secret" in caplog.text


@pytest.mark.parametrize("path", [INFER, CLASSIFY])
def test_a_client_that_goes_in_the_middle_of_its_body_is_no_failure(
    saved: Path, opened: Open, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    catalogue = Catalogue.load([FolderSource("brightness", saved)], opened)
    app, sent = create_app(catalogue, Limits()), []

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    with caplog.at_level(logging.INFO):
        asyncio.run(app(scope, gone, send))
    assert sent == []
    (line,) = [record for record in caplog.records if record.name == "serving.access"]
    assert json.loads(line.getMessage())["status"] == 499
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_model_without_figures_says_so(
    serve_folder: Callable[[Path], Send], save_model: Callable[..., Path]
) -> None:
    send = serve_folder(save_model(measured=False))
    parameters = send("GET", "/v2/models/brightness").json()["parameters"]
    assert parameters["figures"] is None
    assert parameters["dense_figures"] is None
