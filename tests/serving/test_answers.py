from __future__ import annotations

import numpy as np
import pytest

from serving.answers import Wanted, respond
from serving.protocol import InferRequest, InferResponse

LABELS = ("a", "b", "é")
PROBABILITIES = np.array([[0.25, 0.5, 0.25], [0, 0, 1]], np.float32)


def wanted(**output: object) -> Wanted:
    tensor = {"name": "images", "shape": [], "datatype": "FP32"}
    outputs = [{"name": "probabilities", "parameters": output}]
    return Wanted.by(
        InferRequest.model_validate({"id": "7", "inputs": [tensor], "outputs": outputs})
    )


def test_probabilities() -> None:
    message, binary = respond(wanted(), "m", "3", LABELS, PROBABILITIES)
    assert binary == b""
    assert message == {
        "model_name": "m",
        "model_version": "3",
        "id": "7",
        "outputs": [
            {
                "name": "probabilities",
                "shape": (2, 3),
                "datatype": "FP32",
                "data": [0.25, 0.5, 0.25, 0, 0, 1],
            },
        ],
    }


@pytest.mark.parametrize("output", [{}, {"binary_data": True}, {"classification": 2}])
def test_messages_are_the_documented_ones(output: dict[str, object]) -> None:
    message, _ = respond(wanted(**output), "m", "3", LABELS, PROBABILITIES)
    assert InferResponse.model_validate(message).id == "7"


def test_the_first_of_equal_classes_comes_first() -> None:
    message, _ = respond(wanted(classification=3), "m", "3", LABELS, PROBABILITIES)
    (output,) = message["outputs"]
    assert output["data"] == [
        "0.500000:1:b",
        "0.250000:0:a",
        "0.250000:2:é",
        "1.000000:2:é",
        "0.000000:0:a",
        "0.000000:1:b",
    ]


def test_the_size_of_a_string_is_that_of_its_bytes() -> None:
    asked = wanted(classification=1, binary_data=True)
    _, binary = respond(asked, "m", "3", LABELS, PROBABILITIES[1:])
    # "1.000000:2:é" has twelve letters, of which the last takes two bytes in UTF-8.
    assert binary == b"\x0d\0\0\0" + "1.000000:2:é".encode()
