"""The OpenAPI document says what the server does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serving.keys import Keys
from tests.serving.kinds import Send, ServeFolder

Document = dict[str, dict]

KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


@pytest.fixture(scope="module")
def document(send: Send) -> Document:
    return send("GET", "/openapi.json").json()


def test_every_route_is_there(document: Document) -> None:
    model = "/v2/models/{name}"
    assert {(path, method) for path, found in document["paths"].items() for method in found} == {
        ("/v2", "get"),
        ("/v2/health/live", "get"),
        ("/v2/health/ready", "get"),
        (model, "get"),
        (f"{model}/ready", "get"),
        (f"{model}/infer", "post"),
        (f"{model}/versions/{{version}}", "get"),
        (f"{model}/versions/{{version}}/ready", "get"),
        (f"{model}/versions/{{version}}/infer", "post"),
        ("/v1/models", "get"),
        ("/v1/models/{name}/classify", "post"),
        ("/v1/models/{name}/generate", "post"),
        ("/metrics", "get"),
    }


def test_every_reference_leads_somewhere(document: Document) -> None:
    text = json.dumps(document)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert {"InferRequest", "InferResponse", "ErrorResponse"} <= used
    assert used <= set(document["components"]["schemas"])


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/v2/models/{name}/infer", {200, 400, 404, 408, 413, 415, 429, 500, 503}),
        ("/v1/models/{name}/generate", {200, 400, 404, 408, 413, 415, 429, 500, 503}),
        ("/v1/models/{name}/classify", {200, 400, 404, 408, 413, 415, 429, 500, 503}),
    ],
)
def test_the_statuses_of_routes_with_a_body(
    document: Document, path: str, statuses: set[int]
) -> None:
    answers = document["paths"][path]["post"]["responses"]
    assert set(map(int, answers)) == statuses
    for status in statuses - {200}:
        schema = answers[str(status)]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorResponse"}


def test_the_types_of_bodies(document: Document) -> None:
    infer = document["paths"]["/v2/models/{name}/infer"]["post"]
    both = {"application/json", "application/octet-stream"}
    assert set(infer["requestBody"]["content"]) == both
    assert set(infer["responses"]["200"]["content"]) == both
    classify = document["paths"]["/v1/models/{name}/classify"]["post"]
    assert {"image/png", "multipart/form-data"} <= set(classify["requestBody"]["content"])
    generate = document["paths"]["/v1/models/{name}/generate"]["post"]
    assert set(generate["requestBody"]["content"]) == {"application/json"}
    assert set(generate["responses"]["200"]["content"]) == {
        "image/png",
        "application/zip",
        "application/json",
    }


def test_no_validation_error_of_the_framework(document: Document) -> None:
    assert "ValidationError" not in json.dumps(document)


def test_keys(serve_folder: ServeFolder, saved: Path, document: Document) -> None:
    guarded = serve_folder(saved, keys=Keys.parse(KEYS, "keys"))("GET", "/openapi.json").json()
    infer = guarded["paths"]["/v2/models/{name}/infer"]["post"]
    assert infer["security"] == [{"HTTPBearer": []}, {"APIKeyHeader": []}]
    assert {"401", "403"} <= set(infer["responses"])
    assert "security" not in guarded["paths"]["/v2/health/live"]["get"]
    assert "security" not in json.dumps(document)
