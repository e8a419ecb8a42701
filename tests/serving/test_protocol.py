from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from serving.errors import BadRequestError, ContentTooLargeError
from serving.protocol import InferRequest, parse
from serving.tensors import pixels

SHAPE = (1, 2, 2)
TENSOR = {"name": "images", "shape": [1, 1, 2, 2], "datatype": "FP32", "data": [0, 0.25, 0.5, 1]}


def body(**changes: object) -> bytes:
    return json.dumps({"inputs": [TENSOR | changes]}).encode()


@pytest.mark.parametrize(
    "data",
    [[0, 0.25, 0.5, 1], [[[[0, 0.25], [0.5, 1]]]]],
    ids=["flat", "nested"],
)
def test_data_flat_or_nested(data: object) -> None:
    array = pixels(parse(body(data=data)), SHAPE)
    assert array.dtype == np.float32
    assert array.tolist() == [[[[0, 0.25], [0.5, 1]]]]


def test_several_images_are_row_major() -> None:
    array = pixels(parse(body(shape=[2, 1, 2, 2], data=list(range(8)))), SHAPE)
    assert array[1, 0].tolist() == [[4, 5], [6, 7]]


def test_fields_outside_the_protocol_are_passed_over() -> None:
    asked = json.loads(body()) | {"id": "a", "parameters": {"priority": 1}, "model_name": "m"}
    assert parse(json.dumps(asked).encode()).id == "a"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "body: Invalid JSON"),
        (b"{", "body: Invalid JSON"),
        (b"\xff\xfe", "body: Invalid JSON"),
        (b"[" * 10_000, "body: Invalid JSON"),
        (b"[]", "body: Input should be an object"),
        (b"{}", "inputs: Field required"),
        (b'{"inputs": []}', "inputs: Tuple should have at least 1 item"),
        (b'{"inputs": [{}]}', "inputs.0.name: Field required"),
        (body(shape="4"), "inputs.0.shape: Input should be a valid array"),
        (body(shape=[1.5]), "inputs.0.shape.0: Input should be a valid integer"),
        (body(data="AAAA"), "inputs.0.data: Input should be a valid array"),
        (body(data=None), "inputs.0.data: Input should be a valid array"),
        (body(datatype=7), "inputs.0.datatype: Input should be a valid string"),
    ],
)
def test_bodies_that_are_no_request(content: bytes, message: str) -> None:
    with pytest.raises(BadRequestError) as error:
        parse(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "pixels"}, "inputs ['pixels'] do not fit; expected one, 'images'"),
        ({"datatype": "FP64"}, "datatype 'FP64' does not fit; expected 'FP32'"),
        ({"shape": []}, "shape [] does not fit; expected [n >= 1, 1, 2, 2]"),
        ({"shape": [1, 2, 2]}, "shape [1, 2, 2] does not fit"),
        ({"shape": [0, 1, 2, 2], "data": []}, "shape [0, 1, 2, 2] does not fit"),
        ({"shape": [-1, 1, 2, 2]}, "shape [-1, 1, 2, 2] does not fit"),
        ({"shape": [10**30, 1, 2, 2]}, "does not fill shape"),
        ({"data": []}, "data of shape [0] does not fill shape [1, 1, 2, 2]"),
        ({"data": [1, 2, 3]}, "data of shape [3] does not fill"),
        ({"data": [[1, 2, 3, 4]]}, "data of shape [1, 4] does not fill"),
        ({"data": [[1, 2], [3]]}, "nested unevenly"),
        ({"data": [1, 2, 3, "4"]}, "not FP32 numbers"),
        ({"data": [1, 2, 3, None]}, "not FP32 numbers"),
        ({"data": [True, False, True, True]}, "not FP32 numbers"),
        ({"data": [1, 2, 3, {}]}, "not FP32 numbers"),
        ({"data": [1, 2, 3, 10**30]}, "not FP32 numbers"),
        ({"data": [1, 2, 3, float("nan")]}, "not finite in FP32"),
        ({"data": [1, 2, 3, float("inf")]}, "not finite in FP32"),
        ({"data": [1, 2, 3, 1e39]}, "not finite in FP32"),
    ],
)
def test_tensors_that_do_not_fit(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadRequestError) as error:
        pixels(parse(body(**changes)), SHAPE)
    assert message in str(error.value)


def test_a_string_among_many_numbers_is_refused_without_room_for_all_as_strings() -> None:
    # As an array of strings these would take 10,000 x 10,001 x 4 bytes.
    changes = {"shape": [10_001, 1, 1, 1], "data": ["a" * 10_000] + [1] * 10_000}
    tracemalloc.start()
    with pytest.raises(BadRequestError, match="not FP32 numbers"):
        pixels(parse(body(**changes)), (1, 1, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 2**20


def test_more_images_than_allowed() -> None:
    asked = parse(body(shape=[3, 1, 2, 2], data=[0] * 12))
    assert len(pixels(asked, SHAPE, max_images=3)) == 3
    with pytest.raises(ContentTooLargeError, match="3 images in a request; at most 2"):
        pixels(asked, SHAPE, max_images=2)


def test_an_output_asked_for_twice() -> None:
    asked = {"inputs": [TENSOR], "outputs": [{"name": "probabilities"}] * 2}
    with pytest.raises(BadRequestError, match="twice"):
        pixels(InferRequest.model_validate(asked), SHAPE)


def test_two_inputs() -> None:
    with pytest.raises(BadRequestError, match="expected one, 'images'"):
        pixels(InferRequest.model_validate({"inputs": [TENSOR, TENSOR]}), SHAPE)


def test_an_unknown_output() -> None:
    asked = {"inputs": [TENSOR], "outputs": [{"name": "logits"}]}
    with pytest.raises(BadRequestError, match="output 'logits' is unknown"):
        pixels(InferRequest.model_validate(asked), SHAPE)
