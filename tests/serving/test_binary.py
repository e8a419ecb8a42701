"""The binary tensor extension, against bytes written by hand from its description."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import httpx
import pytest

from tests.serving.kinds import Send

INFER = "/v2/models/brightness/infer"
OCTETS = "application/octet-stream"

# float32, little-endian: 1.0 is 0x3f800000, 0.0 is 0.
ONE, ZERO = b"\x00\x00\x80\x3f", b"\x00\x00\x00\x00"

# P(bright) of a black image is 1 / (1 + e^2) = 0.119203, of a white one 0.880797: the
# nearest float32 are 0x3df420b7 (or one off) and 0x3f617bea.
DARK, BRIGHT = 0.1192029, 0.8807971

HEAD = (
    b'{"id":"42","inputs":[{"name":"images","shape":[2,1,4,4],"datatype":"FP32",'
    b'"parameters":{"binary_data_size":128}}]%s}'
)
DATA = 16 * ZERO + 16 * ONE


def post(send: Send, head: bytes, data: bytes = DATA, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    own = {"Content-Type": OCTETS, "Inference-Header-Content-Length": str(len(head))}
    return send("POST", INFER, content=head + data, headers=own | named)


def parted(answer: httpx.Response) -> tuple[dict[str, object], bytes]:
    """The message of a binary answer, and what follows it."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == OCTETS
    size = int(answer.headers["inference-header-content-length"])
    return json.loads(answer.content[:size]), answer.content[size:]


def floats(data: bytes) -> list[float]:
    """Little-endian float32 by IEEE 754: sign, 8 bits of exponent, 23 of fraction."""
    values = []
    for at in range(0, len(data), 4):
        bits = int.from_bytes(data[at : at + 4], "little")
        fraction = 1 + (bits & 0x7FFFFF) / 2**23
        values.append((-1) ** (bits >> 31) * fraction * 2.0 ** ((bits >> 23 & 0xFF) - 127))
    return values


def test_binary_in_json_out(send: Send) -> None:
    answer = post(send, HEAD % b"")
    assert answer.headers["content-type"] == "application/json"
    assert "inference-header-content-length" not in answer.headers
    content = answer.json()
    (output,) = content.pop("outputs")
    assert content == {"model_name": "brightness", "model_version": "7", "id": "42"}
    assert output["data"] == pytest.approx([BRIGHT, DARK, DARK, BRIGHT], abs=1e-6)


@pytest.mark.parametrize(
    "asked",
    [
        b',"outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]',
        b',"parameters":{"binary_data_output":true}',
        b',"parameters":{"binary_data_output":true},"outputs":[{"name":"probabilities"}]',
        b',"parameters":{"binary_data_output":false},'
        b'"outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]',
    ],
    ids=["output", "request", "request, output named", "output before request"],
)
def test_binary_in_binary_out(send: Send, asked: bytes) -> None:
    message, data = parted(post(send, HEAD % asked))
    assert message == {
        "model_name": "brightness",
        "model_version": "7",
        "id": "42",
        "outputs": [
            {
                "name": "probabilities",
                "shape": [2, 2],
                "datatype": "FP32",
                "parameters": {"binary_data_size": 16},
            }
        ],
    }
    assert floats(data) == pytest.approx([BRIGHT, DARK, DARK, BRIGHT], abs=1e-6)


def test_an_output_as_json_though_the_request_prefers_binary(send: Send) -> None:
    asked = (
        b',"parameters":{"binary_data_output":true},'
        b'"outputs":[{"name":"probabilities","parameters":{"binary_data":false}}]'
    )
    assert "data" in post(send, HEAD % asked).json()["outputs"][0]


def test_json_in_binary_out(send: Send) -> None:
    tensor = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}
    asked = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    message, data = parted(send("POST", INFER, json=asked))
    assert "id" not in message
    assert floats(data) == pytest.approx([DARK, BRIGHT], abs=1e-6)


def test_a_header_as_long_as_the_body_means_no_binary_data(send: Send) -> None:
    head = b'{"inputs":[{"name":"images","shape":[1,1,4,4],"datatype":"FP32","data":[%s]}]}'
    answer = post(send, head % b",".join([b"1"] * 16), b"")
    assert answer.json()["outputs"][0]["data"] == pytest.approx([DARK, BRIGHT], abs=1e-6)


def test_classification_as_json(send: Send) -> None:
    asked = b',"outputs":[{"name":"probabilities","parameters":{"classification":1}}]'
    (output,) = post(send, HEAD % asked).json()["outputs"]
    assert output == {
        "name": "probabilities",
        "shape": [2, 1],
        "datatype": "BYTES",
        "data": ["0.880797:0:dark", "0.880797:1:bright"],
    }


def test_classification_as_bytes(send: Send) -> None:
    asked = (
        b',"outputs":[{"name":"probabilities",'
        b'"parameters":{"classification":2,"binary_data":true}}]'
    )
    message, data = parted(post(send, HEAD % asked))
    # Each string is led by its size: 15 = 0x0f bytes and 17 = 0x11 bytes, little-endian.
    black = b"\x0f\0\0\x000.880797:0:dark" + b"\x11\0\0\x000.119203:1:bright"
    white = b"\x11\0\0\x000.880797:1:bright" + b"\x0f\0\0\x000.119203:0:dark"
    assert data == black + white
    (output,) = message["outputs"]
    assert output["shape"] == [2, 2]
    assert output["datatype"] == "BYTES"
    assert output["parameters"] == {"binary_data_size": len(black + white)}


def test_more_classes_than_there_are(send: Send) -> None:
    asked = b',"outputs":[{"name":"probabilities","parameters":{"classification":1000}}]'
    (output,) = post(send, HEAD % asked).json()["outputs"]
    assert output["shape"] == [2, 2]


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_compressed_request(
    send: Send, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    # The header's length is of the message before compression.
    head = HEAD % b""
    headers = {"Content-Encoding": encoding, "Inference-Header-Content-Length": str(len(head))}
    answer = send("POST", INFER, content=compress(head + DATA), headers=headers)
    assert answer.json()["outputs"][0]["shape"] == [2, 2]


def test_versions_answer_alike(send: Send) -> None:
    head = HEAD % b""
    headers = {"Inference-Header-Content-Length": str(len(head))}
    path = "/v2/models/brightness/versions/7/infer"
    answer = send("POST", path, content=head + DATA, headers=headers)
    assert answer.json()["model_version"] == "7"
