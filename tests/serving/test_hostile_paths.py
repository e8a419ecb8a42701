"""Paths, methods and headers that are wrong: the right status and one line, always."""

from __future__ import annotations

import pytest

from tests.serving.kinds import Refused, Send

INFER = "/v2/models/brightness/infer"
CLASSIFY = "/v1/models/brightness/classify"

PATHS: list[tuple[str, str, int, str]] = [
    ("POST", "/", 405, "Method Not Allowed"),
    ("GET", "/page", 404, "Not Found"),
    ("GET", "/page/", 404, "Not Found"),
    ("GET", "/page/%2e%2e/web.py", 404, "Not Found"),
    ("GET", "/page/..%2Fweb.py", 404, "Not Found"),
    ("GET", "/page/%00", 404, "Not Found"),
    ("POST", "/page/page.js", 405, "Method Not Allowed"),
    ("GET", "/v2/", 404, "Not Found"),
    ("GET", "/v3/models", 404, "Not Found"),
    ("GET", "/docs", 404, "Not Found"),
    ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, "Not Found"),
    ("GET", "/v2/models/%00", 404, "is not served here"),
    ("GET", "/v2/models/a%0D%0Ab", 404, "model 'a b' is not served here"),
    ("GET", "/v2/models/" + "x" * 5000, 404, "model 'xxx"),
    ("GET", "/v2/models/brightness/versions/8", 404, "no version '8'"),
    ("GET", "/v2/models/brightness/versions/07", 404, "no version '07'"),
    ("GET", "/v2/models/BRIGHTNESS", 404, "is not served here"),
    ("GET", INFER, 405, "Method Not Allowed"),
    ("DELETE", "/v2/models/brightness", 405, "Method Not Allowed"),
    ("PUT", CLASSIFY, 405, "Method Not Allowed"),
    ("OPTIONS", CLASSIFY, 405, "Method Not Allowed"),
    ("POST", "/metrics", 405, "Method Not Allowed"),
    ("BREW", "/v2", 405, "Method Not Allowed"),
    ("POST", "/v2/models/other/infer", 404, "model 'other' is not served here"),
    ("POST", "/v2/models/brightness/versions/8/infer", 404, "no version '8'"),
    ("POST", "/v1/models/other/classify", 404, "model 'other' is not served here"),
]


@pytest.mark.parametrize(("method", "path", "status", "words"), PATHS)
def test_paths(
    send: Send, refused: Refused, method: str, path: str, status: int, words: str
) -> None:
    answer = send(method, path)
    refused(answer, status, words)
    assert (status == 405) == ("allow" in answer.headers)


def test_a_slash_is_a_slash_however_it_is_written(send: Send) -> None:
    answer = send("GET", "/v2/models/brightness%2Fready")
    assert answer.json() == {"name": "brightness", "ready": True}
