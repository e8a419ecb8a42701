"""Request ids and the access log."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from serving import access
from serving.gathered_log import GatheredFileHandler
from serving.keys import Keys
from serving.metrics import Metrics
from tests.serving.kinds import Send, ServeFolder

INFER = "/v2/models/brightness/infer"
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


def asked(images: int) -> dict[str, object]:
    shape = [images, 1, 4, 4]
    data = [1] * 16 * images
    return {"inputs": [{"name": "images", "shape": shape, "datatype": "FP32", "data": data}]}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, object]]]:
    caplog.set_level(logging.INFO, "serving.access")
    return lambda: [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "serving.access"
    ]


def test_a_given_id_comes_back(send: Send) -> None:
    answer = send("GET", "/v2", headers={"X-Request-ID": "a.b:c-1_2"})
    assert answer.headers.get_list("x-request-id") == ["a.b:c-1_2"]


@pytest.mark.parametrize("given", [None, "", "a b", "é".encode("latin-1"), "x" * 129, "<script>"])
def test_an_id_is_made_where_none_fits(send: Send, given: str | bytes | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    first, second = (send("GET", "/v2", headers=headers) for _ in range(2))
    ids = [answer.headers["x-request-id"] for answer in (first, second)]
    assert all(re.fullmatch("[0-9a-f]{32}", made) for made in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize("path", ["/nowhere", "/v2/models/other"])
def test_errors_have_an_id_too(send: Send, path: str) -> None:
    assert send("GET", path, headers={"X-Request-ID": "a"}).headers["x-request-id"] == "a"


def test_a_line_of_an_inference(
    serve_folder: ServeFolder, saved: Path, lines: Callable[[], list[dict[str, object]]]
) -> None:
    send = serve_folder(saved, keys=Keys.parse(KEYS, "keys"))
    headers = {"X-Request-ID": "a", "X-API-Key": "one"}
    send("POST", INFER + "?secret=1", json=asked(3), headers=headers)
    (line,) = lines()
    assert datetime.fromisoformat(str(line.pop("time"))).utcoffset() is not None
    assert line.pop("ms") > 0
    assert line == {
        "id": "a",
        "client": "anna",
        "method": "POST",
        "path": INFER,
        "status": 200,
        "model": "brightness",
        "version": "7",
        "batch": 3,
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "model"),
    [
        ("GET", "/nowhere", 404, ""),
        ("GET", "/v2/models/other", 404, ""),
        ("POST", INFER, 400, "brightness"),
        ("GET", "/a%0Ab", 404, ""),
    ],
)
def test_a_line_of_an_error(
    send: Send,
    lines: Callable[[], list[dict[str, object]]],
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    status: int,
    model: str,
) -> None:
    send(method, path)
    (line,) = lines()
    assert (line["status"], line["model"], line["batch"]) == (status, model, 0)
    assert "\n" not in caplog.records[-1].getMessage()


def test_a_client_that_goes_away(lines: Callable[[], list[dict[str, object]]]) -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        raise asyncio.CancelledError

    async def go() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        with pytest.raises(asyncio.CancelledError):
            await access.Access(app, Metrics(), echo=True)(scope, None, None)

    asyncio.run(go())
    assert [line["status"] for line in lines()] == [499]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The access log's, as it was afterwards."""
    kept = (access.logger.handlers[:], access.logger.level, access.logger.propagate)
    yield access.logger
    access.logger.handlers[:], access.logger.level, access.logger.propagate = kept


def test_a_file_of_lines(send: Send, tmp_path: Path, logger: logging.Logger) -> None:
    file = tmp_path / "access.log"
    access.log_to(file)
    send("GET", "/v2", headers={"X-Request-ID": "first"})
    file.rename(tmp_path / "access.log.1")
    send("GET", "/v2", headers={"X-Request-ID": "second"})
    logger.handlers[0].close()
    ids = [
        [json.loads(line)["id"] for line in path.read_text().splitlines()]
        for path in (tmp_path / "access.log.1", file)
    ]
    assert ids == [["first"], ["second"]]


def test_lines_of_one_turn_of_the_loop_are_written_before_the_next_ends(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    handler = GatheredFileHandler(file)

    async def go() -> list[str]:
        handler.handle(logging.makeLogRecord({"msg": "100 %s"}))
        handler.handle(logging.makeLogRecord({"msg": "%s", "args": ("second",)}))
        await asyncio.sleep(0)
        return file.read_text().splitlines()

    assert asyncio.run(go()) == ["100 %s", "second"]
    handler.handle(logging.makeLogRecord({"msg": "outside of a loop"}))
    assert file.read_text().splitlines()[2:] == ["outside of a loop"]
    handler.close()


def test_lines_that_a_loop_did_not_write_are_written_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    handler = GatheredFileHandler(file)

    async def go() -> None:
        handler.handle(logging.makeLogRecord({"msg": "last"}))
        handler.close()

    asyncio.run(go())
    assert file.read_text() == "last\n"
