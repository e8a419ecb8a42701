"""A model served in 8-bit integers: its own graph, its own figures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from secateur import manifest
from secateur.errors import ArtifactError
from secateur.manifest import INT8_GRAPH, Variant
from serving.catalogue import Catalogue, open_model
from serving.opening import open_network
from serving.source import FolderSource
from tests.serving.kinds import SaveModel, Send, ServeFolder


@pytest.fixture(scope="module")
def both(save_model: SaveModel) -> Path:
    """The model of ``conftest`` with another graph as its int8 variant, of half the gain.

    What is in the graph is not looked at here; by its answers one can tell which it is.
    """
    folder, other = save_model(), save_model(gain=2.0)
    (folder / INT8_GRAPH).write_bytes((other / manifest.GRAPH).read_bytes())
    content = manifest.read(folder)
    assert content.figures is not None
    figures = content.figures.model_copy(update={"accuracy": 0.96, "size_bytes": 400})
    variants = {"int8": Variant(graph=INT8_GRAPH, figures=figures)}
    manifest.write(folder, content.model_copy(update={"variants": variants}))
    return folder


@pytest.mark.parametrize(
    ("precision", "bright", "accuracy"),
    # 1 / (1 + exp(-gain / 2)) for a white image, gain 4 and 2
    [("float32", 0.8807971, 0.97), ("int8", 0.7310586, 0.96)],
)
def test_each_precision_is_its_own_graph(
    both: Path, precision: manifest.ServedPrecision, bright: float, accuracy: float
) -> None:
    network = open_network(both, precision=precision)
    white = np.ones((1, 1, 4, 4), np.float32)
    assert network.precision == precision
    assert network.run(white)[0, 1] == pytest.approx(bright, abs=1e-6)
    assert network.figures is not None
    assert network.figures.accuracy == accuracy


@pytest.fixture(scope="module")
def int8(serve_folder: ServeFolder, both: Path) -> Send:
    """Sends a request to a server of int8 variants."""
    return serve_folder(both, precision="int8")


def test_the_server_tells_precision_and_figures(int8: Send) -> None:
    parameters = int8("GET", "/v2/models/brightness").json()["parameters"]
    (listed,) = int8("GET", "/v1/models").json()["models"]
    for told in (parameters, listed):
        assert told["precision"] == "int8"
        assert told["figures"]["accuracy"] == 0.96
        assert told["figures"]["size_bytes"] == 400
        assert told["dense_figures"]["accuracy"] == 0.98


def test_a_server_of_floats_tells_so_too(send: Send) -> None:
    assert send("GET", "/v2/models/brightness").json()["parameters"]["precision"] == "float32"


def test_a_model_without_the_variant_is_refused_at_the_start(saved: Path) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    with pytest.raises(ArtifactError, match=r"precision int8: .* expected float32"):
        Catalogue.load([FolderSource("a", saved)], partial(open_model, never, precision="int8"))


def test_an_altered_variant_is_refused(both: Path, tmp_path: Path) -> None:
    for file in both.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / INT8_GRAPH).write_bytes(b"else")
    with pytest.raises(ArtifactError, match=r"model\.int8\.onnx: SHA-256 differs"):
        open_network(tmp_path)


def test_a_variant_without_digest_is_refused(both: Path, tmp_path: Path) -> None:
    for file in both.iterdir():
        if file.name != INT8_GRAPH:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest.write(tmp_path, manifest.Manifest.from_json((both / manifest.MANIFEST).read_bytes()))
    with pytest.raises(ArtifactError, match=r"model\.int8\.onnx: the manifest holds no digest"):
        open_network(tmp_path, precision="int8")
