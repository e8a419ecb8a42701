"""Through a real Ray Serve of two replicas, with keys and an access log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving import server
from serving.client import classify
from serving.errors import ServerResponseError
from serving.limits import Limits
from serving.source import FolderSource
from serving.spec import FREE_PORT, ServeSpec
from tests.serving.kinds import Refused

# printf %s one | sha256sum
KEYS = """
anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
bert 3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3 other
"""
ONE = {"Authorization": "Bearer one"}
INFER = "/v2/models/brightness/infer"
ASKED = {
    "inputs": [{"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}]
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "access.log"


@pytest.fixture(scope="module")
def client(ray_session: None, saved: Path, log: Path) -> Iterator[httpx.Client]:
    keys = log.with_name("keys")
    keys.write_text(KEYS)
    spec = ServeSpec(
        port=FREE_PORT,
        replicas=2,
        limits=Limits(body_bytes=20_000),
        keys=keys,
        access_log=log,
    )
    with (
        server.running([FolderSource("brightness", saved, "7")], spec) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_keys(client: httpx.Client, refused: Refused) -> None:
    refused(client.post(INFER, json=ASKED), 401, "an API key is needed")
    refused(client.post(INFER, json=ASKED, headers={"X-API-Key": "two"}), 403, "does not open")
    assert client.post(INFER, json=ASKED, headers=ONE).status_code == 200
    assert client.get("/v2/health/ready").status_code == 200


def test_metrics_are_those_of_all_replicas(client: httpx.Client) -> None:
    def ask(_: int) -> int:
        return client.post(INFER, json=ASKED, headers=ONE).status_code

    before = answered(client)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(40))) == {200}
    assert answered(client) == before + 40


def answered(client: httpx.Client) -> float:
    """What a scrape says of sound inferences."""
    labels = {"model": "brightness", "version": "7", "status": "200"}.items()
    while (answer := client.get("/metrics", headers=ONE)).status_code == 503:
        pass  # a replica of a busy machine did not tell in time: to be asked again
    assert answer.status_code == 200, answer.text
    return sum(
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "secateur_requests_total" and labels <= sample.labels.items()
    )


def test_the_access_log(client: httpx.Client, log: Path) -> None:
    answer = client.post(INFER, json=ASKED, headers=ONE | {"X-Request-ID": "of-this-test"})
    assert answer.headers.get_list("x-request-id") == ["of-this-test"]
    line = logged(client, log, "of-this-test")
    assert (line["status"], line["model"], line["batch"]) == (200, "brightness", 1)
    assert line["client"] == "anna"


def logged(client: httpx.Client, log: Path, id_: str) -> dict[str, Any]:
    """The line of a request, which is written in the turn of the loop after its answer."""
    for _ in range(100):
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        found = [line for line in lines if line["id"] == id_]
        if found:
            assert len(found) == 1
            return found[0]
        client.get("/v2/health/live")  # gives the loops another turn
    return pytest.fail(f"no line of {id_}")


def test_an_id_is_made_once(client: httpx.Client) -> None:
    (made,) = client.get("/v2/health/live").headers.get_list("x-request-id")
    answer = client.get("/v2/health/live", headers={"X-Request-ID": "<script>"})
    assert answer.headers.get_list("x-request-id") not in ([made], ["<script>"])


def test_clients_give_serve_no_orders(client: httpx.Client) -> None:
    impatient = {"X-Request-Timeout-Seconds": "0.000001"}
    assert client.post(INFER, json=ASKED, headers=ONE | impatient).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "words"),
    [
        ("GET", "/nowhere", {}, 404, "Not Found"),
        ("PATCH", INFER, {}, 405, "Method Not Allowed"),
        ("POST", INFER, {"content": b"[" * 10_000}, 400, "Invalid JSON"),
        ("POST", INFER, {"content": b"x" * 20_001}, 413, "exceeds 20000 bytes"),
        ("POST", INFER, {"content": b"x", "headers": {"Content-Type": "text/xml"}}, 415, "xml"),
        ("POST", INFER, {"content": b"x", "headers": {"Content-Encoding": "gzip"}}, 400, "gzip"),
        ("POST", "/v1/models/brightness/classify", {"content": b"\0"}, 415, "not a readable"),
    ],
)
def test_refusals(
    client: httpx.Client,
    refused: Refused,
    method: str,
    path: str,
    request_: dict[str, object],
    status: int,
    words: str,
) -> None:
    headers = ONE | request_.pop("headers", {})
    refused(client.request(method, path, headers=headers, **request_), status, words)


def test_the_client_shows_a_refusal_in_one_line(client: httpx.Client) -> None:
    with pytest.raises(ServerResponseError, match="401: an API key is needed") as error:
        classify(str(client.base_url), "brightness", b"")
    assert len(str(error.value).splitlines()) == 1
