"""Tensors that mean harm, or are just wrong: the right status and one line, always."""

from __future__ import annotations

import gzip
import json
import struct
import zlib

import pytest

from tests.serving.kinds import Refused, Send

INFER = "/v2/models/brightness/infer"
OCTETS = {"Content-Type": "application/octet-stream"}
OUTPUT = {"name": "probabilities"}
TINY = {"name": "a", "shape": [], "datatype": ""}
WHITE = struct.pack("<16f", *[1.0] * 16)
LONG = "\n\t secret" * 1_000
BOMB = gzip.compress(bytes(10**7))


def tensor(**changes: object) -> dict[str, object]:
    images = {"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1.0] * 16}
    return images | changes


def message(*inputs: object, **others: object) -> bytes:
    return json.dumps({"inputs": list(inputs)} | others).encode()


def infer(body: bytes, **headers: str) -> dict[str, object]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"content": body, "headers": {"Content-Type": "application/json"} | named}


def binary(
    tail: bytes, size: object = 64, length: object = None, **changes: object
) -> dict[str, object]:
    images = tensor(parameters={"binary_data_size": size}) | changes
    if "data" not in changes:
        del images["data"]
    head = message(images)
    declared = str(len(head) if length is None else length)
    headers = OCTETS | {"Inference-Header-Content-Length": declared}
    return {"content": head + tail, "headers": headers}


def output(**parameters: object) -> dict[str, object]:
    return infer(message(tensor(), outputs=[{"name": "probabilities", "parameters": parameters}]))


# What is sent, the status, and words of the answer.
CASES: dict[str, tuple[dict[str, object], int, str]] = {
    "no JSON at all": (infer(b""), 400, "Invalid JSON"),
    "unparsable JSON": (infer(b"{"), 400, "Invalid JSON"),
    "single quotes": (infer(b"{'inputs': []}"), 400, "Invalid JSON"),
    "JSON and more": (infer(message(tensor()) + b"{}"), 400, "Invalid JSON"),
    "deep JSON": (infer(b"[" * 14_000), 400, "Invalid JSON"),
    "deep JSON object": (infer(b'{"inputs":' * 1_400), 400, "Invalid JSON"),
    "deep data": (infer(message(tensor(data=[[[[[[1.0]]]]]]))), 400, "not FP32 numbers"),
    "UTF-16": (infer(message(tensor()).decode().encode("utf-16")), 400, "Invalid JSON"),
    "a zero byte": (infer(b"\0"), 400, "Invalid JSON"),
    "a zero byte in a name": (infer(message(tensor(name="images\0"))), 400, "do not fit"),
    "lone surrogate": (infer(b'{"inputs": ["\\ud800"]}'), 400, "Invalid JSON"),
    "null": (infer(b"null"), 400, "Input should be an object"),
    "a list": (infer(b"[1]"), 400, "Input should be an object"),
    "no inputs": (infer(b"{}"), 400, "inputs: Field required"),
    "empty inputs": (infer(message()), 400, "at least 1 item"),
    "two inputs": (infer(message(tensor(), tensor())), 400, "expected one, 'images'"),
    "another input": (infer(message(tensor(name="x"))), 400, "expected one, 'images'"),
    "a long name": (infer(message(tensor(name=LONG[:9000]))), 400, "inputs ["),
    "another type": (infer(message(tensor(datatype="INT8"))), 400, "datatype 'INT8'"),
    "a long type": (infer(message(tensor(datatype=LONG[:9000]))), 400, "datatype '"),
    "another shape": (infer(message(tensor(shape=[1, 1, 2, 8]))), 400, "shape [1, 1, 2, 8]"),
    "a negative shape": (infer(message(tensor(shape=[-1, 1, 4, 4]))), 400, "does not fit"),
    "a huge shape": (infer(message(tensor(shape=[10**12, 1, 4, 4]))), 413, "images in a"),
    "a long shape": (infer(message(tensor(shape=[1] * 3000))), 400, "shape [1, 1"),
    "many wrong inputs": (infer(message(*[0] * 4000)), 400, "inputs.0: Input should be"),
    "many inputs": (infer(message(*[TINY] * 200)), 400, "inputs ['a', 'a'"),
    "many outputs": (infer(message(tensor(), outputs=[OUTPUT] * 300)), 400, "asked for twice"),
    "much JSON": (infer(b" " * 15_001), 413, "15001 bytes of JSON; at most 15000"),
    "no shape": (infer(message(tensor(shape=[]))), 400, "shape [] does not fit"),
    "no images": (infer(message(tensor(shape=[0, 1, 4, 4], data=[]))), 400, "does not fit"),
    "too many images": (infer(message(tensor(shape=[9, 1, 4, 4]))), 413, "at most 8"),
    "too little data": (infer(message(tensor(data=[1.0]))), 400, "does not fill"),
    "too much data": (infer(message(tensor(data=[1] * 4000))), 400, "does not fill"),
    "no data": (infer(message(tensor(data=[]))), 400, "does not fill"),
    "data of strings": (infer(message(tensor(data=["1"] * 16))), 400, "not FP32 numbers"),
    "data of objects": (infer(message(tensor(data=[{}] * 16))), 400, "not FP32 numbers"),
    "uneven data": (infer(message(tensor(data=[[1, 2], [3]]))), 400, "unevenly"),
    "NaN": (infer(message(tensor(data=[float("nan")] * 16))), 400, "not finite"),
    "Infinity": (infer(message(tensor(data=[float("inf")] * 16))), 400, "not finite"),
    "beyond float32": (infer(message(tensor(data=[1e39] * 16))), 400, "not finite"),
    "a number of 10,000 digits": (infer(b'{"inputs":%s}' % (b"9" * 10_000)), 400, "Invalid JSON"),
    "overflow in the model": (infer(message(tensor(data=[3e38] * 16))), 500, "not finite"),
    "unknown output": (infer(message(tensor(), outputs=[{"name": "x"}])), 400, "unknown"),
    "a wrong flag": (
        infer(message(tensor(), parameters={"binary_data_output": 1})),
        400,
        "binary_data_output 1 does not fit",
    ),
    "no class": (
        output(classification=0),
        400,
        "classification 0",
    ),
    "half a class": (
        output(classification=1.5),
        400,
        "classification 1.5",
    ),
    "too large": (infer(b" " * 20_001), 413, "exceeds 20000 bytes"),
    "another content type": (
        infer(message(tensor()), Content_Type="image/png"),
        415,
        "'image/png' is not taken",
    ),
    "XML": (infer(b"<a/>", Content_Type="text/xml"), 415, "'text/xml'"),
    "brotli": (infer(b"x", Content_Encoding="br"), 415, "expected gzip or deflate"),
    "gzip twice": (infer(b"x", Content_Encoding="gzip, gzip"), 415, "'gzip, gzip'"),
    "no gzip": (infer(message(tensor()), Content_Encoding="gzip"), 400, "not valid gzip"),
    "no deflate": (infer(b"words", Content_Encoding="deflate"), 400, "not valid deflate"),
    "gzip bomb": (infer(BOMB, Content_Encoding="gzip"), 413, "decompressed body exceeds"),
    "deflate bomb": (
        infer(zlib.compress(bytes(10**7)), Content_Encoding="deflate"),
        413,
        "decompressed body exceeds",
    ),
    "half a gzip": (infer(BOMB[:-9], Content_Encoding="gzip"), 413, "exceeds"),
    "gzip cut short": (
        infer(gzip.compress(message(tensor()))[:-1], Content_Encoding="gzip"),
        400,
        "one whole gzip stream",
    ),
    "gzip and more": (
        infer(gzip.compress(message(tensor())) + b"x", Content_Encoding="gzip"),
        400,
        "one whole gzip stream",
    ),
    "header longer than the body": (binary(WHITE, length=10**6), 400, "exceeds the body"),
    "header of a negative length": (binary(WHITE, length=-1), 400, "not a number"),
    "header of another length": (binary(WHITE, length="1e3"), 400, "not a number"),
    "header of 5,000 digits": (binary(WHITE, length="9" * 5000), 400, "not a number"),
    "header too short": (binary(WHITE, length=10), 400, "Invalid JSON"),
    "header of length zero": (binary(WHITE, length=0), 400, "Invalid JSON"),
    "binary data cut short": (binary(WHITE[:-1]), 400, "63 bytes follow"),
    "binary data and more": (binary(WHITE + b"x"), 400, "65 bytes follow"),
    "binary size of another shape": (binary(WHITE, size=60), 400, "expected 64"),
    "binary size that is true": (binary(WHITE, size=True), 400, "binary_data_size True"),
    "binary size as text": (binary(WHITE, size="64"), 400, "binary_data_size '64'"),
    "binary size below zero": (binary(WHITE, size=-64), 400, "binary_data_size -64"),
    "binary NaN": (binary(b"\xff" * 64), 400, "not finite"),
    "binary and JSON data": (binary(WHITE, data=[1.0]), 400, "both data and"),
    "binary data of JSON": (binary(WHITE, parameters={}, data=[1.0] * 16), 400, "expected none"),
    "shared memory": (
        infer(message(tensor(data=[], parameters={"shared_memory_region": "/etc"}))),
        400,
        "does not fill",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_tensors(send: Send, refused: Refused, name: str) -> None:
    request, status, words = CASES[name]
    refused(send("POST", INFER, **request), status, words)
