"""Tiny saved models, and the app without Ray."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
import uvicorn
from fastapi import FastAPI
from numpy.typing import NDArray
from onnx import TensorProto, helper

from secateur import manifest
from secateur.errors import RegistryError
from secateur.manifest import (
    GRAPH,
    GRAPH_INPUT,
    GRAPH_OUTPUT,
    IMAGES_OUTPUT,
    NOISE_INPUT,
    Manifest,
    ServedPrecision,
)
from secateur.records import Architecture, Figures
from serving import ingress
from serving.catalogue import Catalogue, Open, Predict, open_model
from serving.limits import Limits
from serving.network import Network
from serving.source import FolderSource, RegistrySource
from serving.spec import ServeSpec
from serving.web import create_app
from tests.serving.kinds import Listen, Refused, SaveModel, Send, ServeFolder

# Before the session's Ray starts: its processes inherit it.
_PREPARED = ingress.prepared(ServeSpec())
_PREPARED.__enter__()
atexit.register(_PREPARED.__exit__, None, None, None)

LABELS = ("dark", "bright")
LIMITS = Limits(body_bytes=20_000, json_bytes=15_000, image_pixels=10_000, images=8)
DENSE = Figures(accuracy=0.98, flops=1000, parameters=100, size_bytes=4000, latency_ms=0.2)
PRUNED = Figures(accuracy=0.97, flops=300, parameters=30, size_bytes=1200, latency_ms=0.1)


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


def halves(channels: int, side: int, latent: int, gain: float, activation: str) -> onnx.ModelProto:
    """Sigmoid of gain * noise: the first value colours an image's left half, the second its right.

    Values beyond the second change nothing.
    """
    weight = np.zeros((latent, channels, side, side), np.float32)
    weight[0, :, :, : side // 2] = weight[1, :, :, side // 2 :] = gain
    nodes = [
        helper.make_node("MatMul", [NOISE_INPUT, "weight"], ["logits"]),
        helper.make_node(activation, ["logits"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], [IMAGES_OUTPUT]),
    ]
    shape = (channels, side, side)
    body = helper.make_graph(
        nodes,
        "halves",
        [helper.make_tensor_value_info(NOISE_INPUT, TensorProto.FLOAT, ["n", latent])],
        [helper.make_tensor_value_info(IMAGES_OUTPUT, TensorProto.FLOAT, ["n", *shape])],
        [
            onnx.numpy_helper.from_array(weight.reshape(latent, -1), "weight"),
            onnx.numpy_helper.from_array(np.array([-1, *shape]), "shape"),
        ],
    )
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture(scope="session")
def save_generator(tmp_path_factory: pytest.TempPathFactory) -> SaveModel:
    """Writes a saved generator of ``halves``."""

    def save(
        channels: int = 1,
        side: int = 4,
        latent: int = 2,
        gain: float = 1.0,
        activation: str = "Sigmoid",
        input_shape: tuple[int, int, int] | None = None,
        content: bytes | None = None,
    ) -> Path:
        folder = tmp_path_factory.mktemp("generator")
        built = content or halves(channels, side, latent, gain, activation).SerializeToString()
        (folder / GRAPH).write_bytes(built)
        shape = input_shape or (channels, side, side)
        description = Manifest(
            task="generation",
            architecture=Architecture(name="dcgan", input_shape=shape, classes=2),
            labels=(),
            mean=(0.5,) * channels,
            std=(0.5,) * channels,
        )
        manifest.write(folder, description)
        return folder

    return save


@pytest.fixture(scope="session")
def generator(save_generator: SaveModel) -> Path:
    return save_generator()


def unbatched(name: str, network: Network) -> Predict:
    async def predict(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return network.run(rows)

    return predict


@pytest.fixture(scope="session")
def serve_folder() -> ServeFolder:
    """Puts a saved model behind the app, without Ray and without a socket."""

    def serve(
        folder: Path,
        limits: Limits = LIMITS,
        name: str = "brightness",
        precision: ServedPrecision = "float32",
        **options: object,
    ) -> Send:
        opened = partial(open_model, unbatched, precision=precision)
        catalogue = Catalogue.load([FolderSource(name, folder, "7")], opened)
        return partial(_send, create_app(catalogue, limits, **options))

    return serve


@pytest.fixture(scope="session")
def send(serve_folder: ServeFolder, saved: Path) -> Send:
    """Sends one request to the app and returns the answer."""
    return serve_folder(saved)


@pytest.fixture(scope="session")
def listen() -> Listen:
    """Puts an app behind a socket, without Ray; gives the address, such as 127.0.0.1:8000."""

    @contextmanager
    def listening(app: FastAPI) -> Iterator[str]:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
            thread.start()
            try:
                yield f"127.0.0.1:{taken.getsockname()[1]}"
            finally:
                server.should_exit = True
                thread.join()

    return listening


def _send(app: FastAPI, method: str, path: str, **keywords: object) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **keywords)

    return asyncio.run(go())


@pytest.fixture(scope="session")
def refused() -> Refused:
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


class MemoryRegistry:
    """A model registry without MLflow: versions by number, and aliases.

    Attributes:
        fault: is raised by whatever is asked, where it is set.
        downloads: versions in the order in which they were asked for.
    """

    def __init__(self) -> None:
        self.versions: dict[str, Path] = {}
        self.aliases: dict[str, str] = {}
        self.fault: Exception | None = None
        self.downloads: list[str] = []

    def __call__(self, uri: str) -> MemoryRegistry:
        """As ``RegistrySource.connect``."""
        return self

    def publish(self, version: str, folder: Path, alias: str = "champion") -> None:
        self.versions[version] = folder
        self.aliases[alias] = version

    def resolve(self, name: str, alias: str) -> str:
        self._answer()
        if alias not in self.aliases:
            raise RegistryError(f"{name}@{alias} is not registered")
        return self.aliases[alias]

    def seal(self, name: str, version: str) -> str | None:
        self._answer()
        return manifest.digest(self.versions[version] / manifest.MANIFEST)

    def download(self, name: str, version: str, into: Path) -> Path:
        self._answer()
        self.downloads.append(version)
        return Path(shutil.copytree(self.versions[version], into))

    def _answer(self) -> None:
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def registry(saved: Path) -> MemoryRegistry:
    """A registry in memory, with a champion of version 1."""
    registry = MemoryRegistry()
    registry.publish("1", saved)
    return registry


@pytest.fixture
def source(registry: MemoryRegistry, tmp_path: Path) -> RegistrySource:
    """The model ``brightness`` of ``registry``."""
    return RegistrySource("brightness", "memory", tmp_path / "cache", connect=registry)


@pytest.fixture(scope="session")
def opened() -> Open:
    """Opens saved models, which answer request by request."""
    return partial(open_model, unbatched)


@pytest.fixture(scope="session")
def family() -> Callable[[int], dict[int, str]]:
    """Names, as the kernel cuts them, of a process and all that it started, at any remove."""

    def find(root: int) -> dict[int, str]:
        parents: dict[int, tuple[int, str]] = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):  # the process ended meanwhile
                fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
                parents[int(fields["Pid"])] = (int(fields["PPid"]), fields["Name"])
        found = {root}
        while children := {pid for pid, (up, _) in parents.items() if up in found} - found:
            found |= children
        return {pid: parents[pid][1] for pid in found}

    return find
