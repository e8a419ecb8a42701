"""Inference, answered before FastAPI looks for a route."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from serving.keys import Keys
from tests.serving.kinds import Send, ServeFolder

Refused = Callable[..., None]

INFER = "/v2/models/brightness/infer"
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed brightness"
TENSOR = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}


@pytest.mark.parametrize("path", [INFER, "/v2/models/brightness/versions/7/infer"])
def test_inference_needs_none_of_fastapis_routes(
    serve_folder: ServeFolder, saved: Path, path: str
) -> None:
    send = serve_folder(saved)
    assert isinstance(send, partial)
    (app,) = send.args
    app.router.routes.clear()
    assert send("GET", "/v2").status_code == 404
    assert send("POST", path, json={"inputs": [TENSOR]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", INFER, 405, "Method Not Allowed"),
        ("POST", "/v2/models/other/infer", 404, "'other'"),
        ("POST", "/v2/nowhere", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered(
    send: Send, refused: Refused, method: str, path: str, status: int, words: str
) -> None:
    refused(send(method, path), status, words)


def test_names_come_decoded(send: Send) -> None:
    answer = send("POST", "/v2/models/bright%6Eess/infer", json={"inputs": [TENSOR]})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("headers", "model", "status"),
    [
        ({"Authorization": "Bearer one"}, "brightness", 200),
        ({"X-API-Key": "one"}, "brightness", 200),
        ({"X-API-Key": "one"}, "other", 403),
        ({"X-API-Key": "two"}, "brightness", 401),
        ({}, "brightness", 401),
    ],
)
def test_keys_are_asked_for(
    serve_folder: ServeFolder,
    saved: Path,
    headers: dict[str, str],
    model: str,
    status: int,
) -> None:
    send = serve_folder(saved, keys=Keys.parse(KEYS, "keys"))
    path = f"/v2/models/{model}/infer"
    assert send("POST", path, json={"inputs": [TENSOR]}, headers=headers).status_code == status
