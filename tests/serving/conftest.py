"""Tiny saved models, and the app without Ray."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray
from onnx import TensorProto, helper

from secateur import manifest
from secateur.manifest import GRAPH, GRAPH_INPUT, GRAPH_OUTPUT, Manifest
from secateur.records import Architecture, Figures
from serving import proxy
from serving.catalogue import Catalogue, Predict
from serving.limits import Limits
from serving.runtime import Classifier
from serving.source import FolderSource
from serving.web import create_app

# Before the session's Ray starts: its processes inherit it.
os.environ.update(proxy.ENVIRONMENT)

LABELS = ("dark", "bright")
LIMITS = Limits(body_bytes=20_000, json_bytes=15_000, image_pixels=10_000, images=8)
DENSE = Figures(accuracy=0.98, flops=1000, parameters=100, size_bytes=4000, latency_ms=0.2)
PRUNED = Figures(accuracy=0.97, flops=300, parameters=30, size_bytes=1200, latency_ms=0.1)

SaveModel = Callable[..., Path]
Send = Callable[..., httpx.Response]


def graph(
    channels: int = 1,
    name_in: str = GRAPH_INPUT,
    name_out: str = GRAPH_OUTPUT,
    gain: float = 4.0,
    side: int = 4,
) -> onnx.ModelProto:
    """Softmax of (0, gain * (mean pixel - 0.5)): 'bright' where the mean exceeds 0.5.

    A white image has P(bright) = 1 / (1 + exp(-gain / 2)), 0.880797 for a gain of 4.
    """
    weight = np.array([[0.0, gain]], np.float32)
    bias = np.array([0.0, -gain / 2], np.float32)
    nodes = [
        helper.make_node("ReduceMean", [name_in, "axes"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "column"], ["level"]),
        helper.make_node("Gemm", ["level", "weight", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [name_out], axis=1),
    ]
    constants = [
        onnx.numpy_helper.from_array(np.array([1, 2, 3]), "axes"),
        onnx.numpy_helper.from_array(np.array([-1, 1]), "column"),
        onnx.numpy_helper.from_array(weight, "weight"),
        onnx.numpy_helper.from_array(bias, "bias"),
    ]
    body = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info(name_in, TensorProto.FLOAT, ["n", channels, side, side])],
        [helper.make_tensor_value_info(name_out, TensorProto.FLOAT, ["n", 2])],
        constants,
    )
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture(scope="session")
def save_model(tmp_path_factory: pytest.TempPathFactory) -> SaveModel:
    """Writes a saved model; keywords that are not its own go to ``graph``."""

    def save(
        labels: tuple[str, ...] = LABELS,
        channels: int = 1,
        input_shape: tuple[int, int, int] | None = None,
        content: bytes | None = None,
        measured: bool = True,
        **keywords: object,
    ) -> Path:
        folder = tmp_path_factory.mktemp("model")
        built = content or graph(channels, **keywords).SerializeToString()
        (folder / GRAPH).write_bytes(built)
        architecture = Architecture(
            name="mlp", input_shape=input_shape or (channels, 4, 4), classes=len(labels)
        )
        description = Manifest(
            architecture=architecture,
            labels=labels,
            mean=(0.0,) * channels,
            std=(1.0,) * channels,
            target=0.7,
            figures=PRUNED if measured else None,
            dense_figures=DENSE if measured else None,
        )
        manifest.write(folder, description)
        return folder

    return save


@pytest.fixture(scope="session")
def saved(save_model: SaveModel) -> Path:
    return save_model()


def unbatched(classifier: Classifier) -> Predict:
    async def predict(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return classifier.probabilities(images)

    return predict


@pytest.fixture(scope="session")
def serve_folder() -> Callable[..., Send]:
    """Puts a saved model behind the app, without Ray and without a socket."""

    def serve(folder: Path, limits: Limits = LIMITS, **options: object) -> Send:
        catalogue = Catalogue.load([FolderSource("brightness", folder, "7")], unbatched)
        return partial(_send, create_app(catalogue, limits, **options))

    return serve


@pytest.fixture(scope="session")
def send(serve_folder: Callable[..., Send], saved: Path) -> Send:
    """Sends one request to the app and returns the answer."""
    return serve_folder(saved)


def _send(app: FastAPI, method: str, path: str, **keywords: object) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **keywords)

    return asyncio.run(go())


@pytest.fixture(scope="session")
def refused() -> Callable[[httpx.Response, int, str], None]:
    """Holds an error to its status, and to one short line without a trace of the inside."""

    def check(answer: httpx.Response, status: int, words: str) -> None:
        kind = answer.headers["content-type"]
        assert (answer.status_code, kind) == (status, "application/json"), answer.text
        content = answer.json()
        assert list(content) == ["error"]
        assert words in content["error"]
        assert len(content["error"]) <= 300
        assert len(content["error"].splitlines()) == 1
        for inside in ("Traceback", ".py", "0x", "site-packages"):
            assert inside not in content["error"]

    return check
