"""The plain routes of inference, which stand before those that FastAPI documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.routing import Match, Route

from serving.keys import Keys

Send = Callable[..., httpx.Response]

INFER = "/v2/models/brightness/infer"
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed brightness"
TENSOR = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}


@pytest.mark.parametrize("path", [INFER, "/v2/models/brightness/versions/7/infer"])
def test_inference_is_found_at_once(send: Send, path: str) -> None:
    assert isinstance(send, partial)
    (app,) = send.args
    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    found = next(route for route in app.router.routes if route.matches(scope)[0] is Match.FULL)
    assert type(found) is Route


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
    serve_folder: Callable[..., Send],
    saved: Path,
    headers: dict[str, str],
    model: str,
    status: int,
) -> None:
    send = serve_folder(saved, keys=Keys.parse(KEYS, "keys"))
    path = f"/v2/models/{model}/infer"
    assert send("POST", path, json={"inputs": [TENSOR]}, headers=headers).status_code == status
