from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from secateur.compression.quantization import kept_float, quantize
from secateur.data import Dataset, load
from secateur.export import export
from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT, Manifest
from secateur.models.registry import build
from secateur.records import Architecture, Recipe
from secateur.spec import DigitsData
from secateur.training.supervised import train

CHEAP = ("mlp", "resnet")
COSTLY = ("lenet", "vgg", "alexnet", "googlenet", "resnet-imagenet", "densenet", "efficientnet")

Pixels = NDArray[np.float32]


def run(graph: Path, images: Pixels) -> Pixels:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (output,) = session.run([GRAPH_OUTPUT], {GRAPH_INPUT: images})
    return output


# One hidden layer in integers: everything that its rounding does can be bounded by hand.

INPUTS, HIDDEN, OUTPUTS = 16, 12, 3


class Dense(NamedTuple):
    """ReLU(x W + b) V, its graph, and the images that it was calibrated on."""

    graph: Path
    weights: Pixels
    bias: Pixels
    outer: Pixels
    images: Pixels


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Dense:
    draw = np.random.default_rng(0)
    weights = draw.normal(size=(INPUTS, HIDDEN)).astype(np.float32)
    bias = draw.normal(size=HIDDEN).astype(np.float32)
    outer = draw.normal(size=(HIDDEN, OUTPUTS)).astype(np.float32)
    shape = np.array([-1, INPUTS])
    nodes = [
        helper.make_node("Reshape", [GRAPH_INPUT, "shape"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["sum"], "inner"),
        helper.make_node("Relu", ["sum"], ["hidden"], "relu"),
        helper.make_node("Gemm", ["hidden", "outer"], [GRAPH_OUTPUT], "outer_layer"),
    ]
    constants = {"shape": shape, "weights": weights, "bias": bias, "outer": outer}
    body = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info(GRAPH_INPUT, TensorProto.FLOAT, ["n", 1, 4, 4])],
        [helper.make_tensor_value_info(GRAPH_OUTPUT, TensorProto.FLOAT, ["n", OUTPUTS])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    path = tmp_path_factory.mktemp("dense") / "float.onnx"
    onnx.save(
        helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path
    )
    images = draw.random((50, 1, 4, 4), np.float32)
    images[0, 0, 0, :2] = 0, 1  # so that activations span [0, 1]
    return Dense(path, weights, bias, outer, images)


def test_rounding_stays_within_its_bound(dense: Dense, tmp_path: Path) -> None:
    quantize(dense.graph, dense.images, tmp_path / "int8.onnx")
    exact, rounded = run(dense.graph, dense.images), run(tmp_path / "int8.onnx", dense.images)

    # Half a step is the most that rounding moves a value; nothing is clipped, since these
    # images are those that the ranges were observed on. Steps: 1/255 for the inputs in [0, 1];
    # the largest weight of a column over 127; the largest hidden value over 255.
    flat = dense.images.reshape(len(dense.images), -1)
    step_in, step_weights = 1 / 255, abs(dense.weights).max(axis=0) / 127
    step_out = np.maximum(flat @ dense.weights + dense.bias, 0).max() / 255
    # Inputs off by half a step, weights off by half a step, both at once, and the bias, which
    # is rounded to steps of step_in * step_weights.
    products = (
        abs(dense.weights).sum(axis=0) * step_in / 2
        + flat.sum(axis=1, keepdims=True) * step_weights / 2
        + INPUTS * step_in * step_weights / 4
        + step_in * step_weights / 2
    )
    bound = (products + step_out / 2) @ abs(dense.outer)
    error = abs(rounded - exact)
    assert (error <= bound + 1e-5).all()  # float32 sums of 28 terms
    assert error.max() > bound.max() / 100  # it was rounded indeed


def test_weights_are_integers_of_a_scale_a_channel(dense: Dense, tmp_path: Path) -> None:
    quantize(dense.graph, dense.images, tmp_path / "int8.onnx")
    constants = {
        constant.name: numpy_helper.to_array(constant)
        for constant in onnx.load(tmp_path / "int8.onnx").graph.initializer
    }
    integers, scales = constants["weights_quantized"], constants["weights_scale"]
    assert integers.dtype == np.int8
    np.testing.assert_allclose(scales, abs(dense.weights).max(axis=0) / 127, rtol=1e-6)
    np.testing.assert_array_equal(integers, np.round(dense.weights / scales))
    assert constants["outer"].dtype == np.float32  # the layer of the outputs


# Which nodes stay float.


def nodes(*kinds: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node(kind, [f"{place}"], [f"{place + 1}"], f"{kind}{place}")
        for place, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "kept"),
    [
        ("Sub Conv Relu Conv Gemm Softmax", "Sub0 Conv1 Gemm4 Softmax5"),
        ("Sub Gemm Relu Gemm Softmax", "Sub0 Gemm3 Softmax4"),  # begins with a dense layer
        ("Sub Conv Relu Gemm Softmax", "Sub0 Softmax4"),  # no layer between the ends
        ("Gemm Softmax", "Softmax1"),
        ("Gemm", ""),
    ],
)
def test_both_ends_stay_float(kinds: str, kept: str) -> None:
    assert kept_float(nodes(*kinds.split())) == kept.split()


# Networks of every family.


class Quantised(NamedTuple):
    """A network's two graphs, and images that neither training nor calibration has seen."""

    exact: Path
    rounded: Path
    images: Pixels


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load(DigitsData(), seed=0)


@pytest.fixture(scope="module")
def quantised(
    digits: Dataset, small: dict[str, dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Quantised]:
    """Function from a family to a network of it that has learned digits."""
    made: dict[str, Quantised] = {}

    def make(family: str) -> Quantised:
        if family not in made:
            made[family] = _quantised(family, small[family], digits, tmp_path_factory.mktemp("q"))
        return made[family]

    return make


def _quantised(
    family: str, arguments: dict[str, object], digits: Dataset, folder: Path
) -> Quantised:
    architecture = Architecture(name=family, arguments=arguments, input_shape=(1, 8, 8), classes=10)
    network = build(architecture, seed=0)
    torch.manual_seed(0)
    for _ in train(network, digits.development, Recipe(epochs=4, learning_rate=5e-3)):
        pass
    content = Manifest(
        architecture=architecture, labels=digits.labels, mean=digits.mean, std=digits.std
    )
    export(network, content, folder / "float.onnx")
    calibration, fresh = (
        split.pixels.astype(np.float32) / 255
        for split in (digits.train.take(slice(256)), digits.test)
    )
    quantize(folder / "float.onnx", calibration, folder / "int8.onnx")
    return Quantised(folder / "float.onnx", folder / "int8.onnx", fresh)


@pytest.fixture(params=[*CHEAP, *(pytest.param(one, marks=pytest.mark.slow) for one in COSTLY)])
def trained(request: pytest.FixtureRequest, quantised: Callable[[str], Quantised]) -> Quantised:
    return quantised(request.param)


def test_it_answers_as_the_float_network_does(trained: Quantised) -> None:
    exact, rounded = run(trained.exact, trained.images), run(trained.rounded, trained.images)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded.sum(axis=1), 1, atol=1e-5)
    # Measured: 97.9 % (googlenet) to 100 % (lenet, resnet), on 288 others.
    assert (exact.argmax(axis=1) == rounded.argmax(axis=1)).mean() >= 0.95


def test_batches_of_any_size_agree(trained: Quantised) -> None:
    five = run(trained.rounded, trained.images[:5])
    single = [run(trained.rounded, image[None]) for image in trained.images[:5]]
    # Kernels of one row and of many may sum in another order; an activation at the edge of
    # two integers then falls to the other side.
    np.testing.assert_allclose(np.concatenate(single), five, atol=0.02)


def test_it_is_smaller(trained: Quantised) -> None:
    assert trained.rounded.stat().st_size < trained.exact.stat().st_size


def test_onnx_runtime_computes_in_integers(
    quantised: Callable[[str], Quantised], tmp_path: Path
) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 3  # that file is made for one machine, it warns
    onnxruntime.InferenceSession(
        quantised("resnet").rounded, options, providers=["CPUExecutionProvider"]
    )
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]
    # resnet of depth 1: a stem, two convolutions in each of three stages, two shortcuts. All
    # but the stem are in integers, and so are the sums of the stages.
    assert kinds.count("QLinearConv") == 8
    assert kinds.count("QLinearAdd") == 3
    assert sum(kind in {"Conv", "FusedConv"} for kind in kinds) == 1
    assert sum(kind in {"Gemm", "FusedGemm"} for kind in kinds) == 1
