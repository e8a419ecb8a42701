"""The generator of ``halves``: each half of an image is the sigmoid of a value of noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from secateur.errors import ArtifactError
from secateur.manifest import GRAPH, NOISE_INPUT
from serving.generator import Generator
from serving.opening import open_network
from serving.runtime import Classifier
from tests.serving.kinds import SaveModel

# Of NumPy's ``default_rng(7).standard_normal``: what clients were shown for a seed must
# not change with the library.
SEED_7 = [[0.00123, 0.298746], [-0.274138, -0.890592]]


def test_images_of_known_noise(generator: Path) -> None:
    noise = np.array([[0, np.log(3)], [-np.log(3), 0]], np.float32)
    images = Generator.load(generator).run(noise)
    assert images.shape == (2, 1, 4, 4)
    # sigmoid(0) = 1/2, sigmoid(log 3) = 3/4, sigmoid(-log 3) = 1/4
    np.testing.assert_allclose(images[0, 0], [[0.5, 0.5, 0.75, 0.75]] * 4, atol=1e-6)
    np.testing.assert_allclose(images[1, 0], [[0.25, 0.25, 0.5, 0.5]] * 4, atol=1e-6)


def test_the_noise_of_a_seed_holds_for_good(generator: Path) -> None:
    noise = Generator.load(generator).noise(2, 7)
    assert noise.dtype == np.float32
    np.testing.assert_allclose(noise, SEED_7, atol=1e-6)


def test_the_first_rows_of_noise_do_not_depend_on_their_number(generator: Path) -> None:
    network = Generator.load(generator)
    np.testing.assert_array_equal(network.noise(9, 3)[:4], network.noise(4, 3))


def one_by_one(network: Generator, noise: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([network.run(row[np.newaxis]) for row in noise])


def test_an_image_does_not_depend_on_its_neighbours(save_generator: SaveModel) -> None:
    # 97 summands of each pixel: products of one row and of many may add them up in other orders.
    network = Generator.load(save_generator(latent=97, side=16))
    noise = network.noise(37, 1)  # two chunks of 16, and five rows that fill none
    images = network.run(noise)
    np.testing.assert_array_equal(images, one_by_one(network, noise))
    np.testing.assert_array_equal(network.run(noise[3:]), images[3:])


def test_a_graph_that_minds_neighbours_is_run_one_by_one(save_generator: SaveModel) -> None:
    """Its pixels are sigmoids of noise less the mean noise of the batch: 1/2 for a batch of one."""
    model = onnx.load(save_generator() / GRAPH)
    body = model.graph
    axis = onnx.numpy_helper.from_array(np.array([0]), "rows")
    body.initializer.append(axis)
    body.node[0].input[0] = "left"
    for node in (
        helper.make_node("Sub", [NOISE_INPUT, "mean"], ["left"]),
        helper.make_node("ReduceMean", [NOISE_INPUT, "rows"], ["mean"], keepdims=1),
    ):
        body.node.insert(0, node)
    network = Generator.load(save_generator(content=model.SerializeToString()))
    np.testing.assert_allclose(network.run(network.noise(32, 0)), 0.5, atol=1e-6)


def test_a_graph_that_takes_one_row_at_a_time(save_generator: SaveModel) -> None:
    model = onnx.load(save_generator() / GRAPH)
    for tensor in (model.graph.input[0], model.graph.output[0]):
        tensor.type.tensor_type.shape.dim[0].dim_value = 1
    network = Generator.load(save_generator(content=model.SerializeToString()))
    free = Generator.load(save_generator())
    noise = network.noise(17, 4)
    np.testing.assert_array_equal(network.run(noise), free.run(noise))


def test_shapes(save_generator: SaveModel) -> None:
    network = Generator.load(save_generator(channels=3, side=8, latent=5))
    assert (network.input_shape, network.output_shape) == ((5,), (3, 8, 8))


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"content": b"text"}, "does not open"),
        ({"input_shape": (1, 4, 5)}, r"expected float32 of shape \(4, 1, 4, 5\)"),
        ({"gain": float("nan")}, "not finite"),
        ({"activation": "Tanh"}, r"makes pixels from -0\.\d+ to .*; expected values in \[0, 1\]"),
    ],
)
def test_graphs_that_are_refused(
    save_generator: SaveModel, keywords: dict[str, object], message: str
) -> None:
    with pytest.raises(ArtifactError, match=message):
        Generator.load(save_generator(**keywords))


def test_the_task_of_the_manifest_decides(generator: Path, saved: Path) -> None:
    assert isinstance(open_network(generator), Generator)
    assert isinstance(open_network(saved), Classifier)
    with pytest.raises(ArtifactError, match="expected float32 'noise' and 'images'"):
        Generator.load(saved)
