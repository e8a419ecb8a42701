"""Readiness follows what the models say when they are tried."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import httpx
import pytest

from serving.catalogue import Catalogue, open_model
from serving.errors import InferenceError
from serving.health import Health
from serving.limits import Limits
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.kinds import Refused


def ready(app: object) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/v2/health/ready")

    return asyncio.run(go())


def test_a_model_that_fails_makes_the_server_unready_until_it_answers(
    saved: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
) -> None:
    async def predict(images: object) -> object:
        raise AssertionError("a probe waits for no batch")

    opened = partial(open_model, lambda _name, _network: predict)
    catalogue = Catalogue.load([FolderSource("brightness", saved)], opened)
    health = Health(catalogue)
    app = create_app(catalogue, Limits(), health=health)
    asyncio.run(health.check())
    assert ready(app).json() == {"ready": True}

    (model,) = catalogue
    with monkeypatch.context() as patch:
        patch.setattr(model.network, "_session", None)
        with pytest.raises(InferenceError):
            asyncio.run(health.check())
        refused(ready(app), 503, "the model failed")

    asyncio.run(health.check())
    assert ready(app).status_code == 200
