"""A saved regression that adds two numbers, behind the app without Ray and without a socket."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from secateur import manifest
from secateur.manifest import GRAPH, GRAPH_INPUT, VALUES_OUTPUT, Manifest
from secateur.records import Architecture, Figures
from serving.opening import open_network
from serving.regressor import Regressor
from tests.serving.kinds import Refused, Send, ServeFolder

PAIRS = np.array([[[[1, 2]]], [[[70, -5]]]], np.float32)


@pytest.fixture(scope="module")
def adder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adder")
    nodes = [
        helper.make_node("Flatten", [GRAPH_INPUT], ["flat"]),
        helper.make_node("MatMul", ["flat", "ones"], [VALUES_OUTPUT]),
    ]
    body = helper.make_graph(
        nodes,
        "adder",
        [helper.make_tensor_value_info(GRAPH_INPUT, TensorProto.FLOAT, ["n", 1, 1, 2])],
        [helper.make_tensor_value_info(VALUES_OUTPUT, TensorProto.FLOAT, ["n", 1])],
        [onnx.numpy_helper.from_array(np.ones((2, 1), np.float32), "ones")],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    (folder / GRAPH).write_bytes(model.SerializeToString())
    description = Manifest(
        task="regression",
        architecture=Architecture(name="mlp", input_shape=(1, 1, 2), classes=1),
        labels=(),
        mean=(0.0,),
        std=(100.0,),
        scale=200.0,
        figures=Figures(accuracy=0.999, mse=1.7, mae=1.0, flops=1120, parameters=609,
                        size_bytes=5000, latency_ms=0.02),
    )  # fmt: skip
    manifest.write(folder, description)
    return folder


@pytest.fixture(scope="module")
def ask(serve_folder: ServeFolder, adder: Path) -> Send:
    return serve_folder(adder, name="adder")


def test_values_of_known_pairs(adder: Path) -> None:
    network = open_network(adder)
    assert isinstance(network, Regressor)
    assert network.run(PAIRS).tolist() == [[3.0], [65.0]]


def test_numbers_beyond_one_are_answered_as_json(ask: Send) -> None:
    tensor = {"name": "images", "shape": [2, 1, 1, 2], "datatype": "FP32", "data": PAIRS.tolist()}
    answer = ask("POST", "/v2/models/adder/infer", json={"inputs": [tensor]})
    assert answer.status_code == 200, answer.text
    (output,) = answer.json()["outputs"]
    assert (output["name"], output["shape"], output["data"]) == ("values", [2, 1], [3.0, 65.0])


def test_metadata_tell_the_task_and_the_errors(ask: Send) -> None:
    told = ask("GET", "/v2/models/adder").json()
    assert told["parameters"]["task"] == "regression"
    assert told["parameters"]["figures"]["mae"] == 1.0
    assert told["outputs"][0]["shape"] == [-1, 1]


def test_it_neither_classifies_nor_generates(ask: Send, refused: Refused) -> None:
    words = "model 'adder' is for regression; expected one for "
    picture = {"content": b"any", "headers": {"content-type": "image/png"}}
    refused(ask("POST", "/v1/models/adder/classify", **picture), 400, words + "classification")
    refused(ask("POST", "/v1/models/adder/generate", json={"n": 1}), 400, words + "generation")
    tensor = {"name": "images", "shape": [2, 1, 1, 2], "datatype": "FP32", "data": PAIRS.tolist()}
    best = [{"name": "values", "parameters": {"classification": 1}}]
    answer = ask("POST", "/v2/models/adder/infer", json={"inputs": [tensor], "outputs": best})
    refused(answer, 400, words + "classification")
