"""One image as each server takes it, and its probabilities as each server gives them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT

MODEL = "benchmark"
Array = NDArray[np.float32]

_BINARY = "application/octet-stream"
_JSON = "application/json"
_V2_LENGTH = "Inference-Header-Content-Length"


@dataclass(frozen=True)
class Protocol:
    """How a server is asked.

    Attributes:
        name: for the page.
        path: of the route.
        encode: images of shape (n, channels, height, width) to headers and body.
        decode: headers, in small letters, and body of the answer to n * classes values.
    """

    name: str
    path: str
    encode: Callable[[Array], tuple[dict[str, str], bytes]]
    decode: Callable[[Mapping[str, str], bytes], Array]


def _raw(images: Array) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": _BINARY}, images.astype("<f4").tobytes()


def _from_raw(_: Mapping[str, str], body: bytes) -> Array:
    return np.frombuffer(body, "<f4")


def _v2(images: Array) -> tuple[dict[str, str], bytes]:
    data = images.astype("<f4").tobytes()
    message = {
        "inputs": [
            {
                "name": GRAPH_INPUT,
                "shape": images.shape,
                "datatype": "FP32",
                "parameters": {"binary_data_size": len(data)},
            }
        ],
        "outputs": [{"name": GRAPH_OUTPUT, "parameters": {"binary_data": True}}],
    }
    text = json.dumps(message).encode()
    return {"Content-Type": _BINARY, _V2_LENGTH: str(len(text))}, text + data


def _from_v2(headers: Mapping[str, str], body: bytes) -> Array:
    return np.frombuffer(body[int(headers[_V2_LENGTH.lower()]) :], "<f4")


def _texts(images: Array) -> list[str]:
    return [base64.b64encode(image.astype("<f4").tobytes()).decode() for image in images]


def _v2_text(images: Array) -> tuple[dict[str, str], bytes]:
    tensor = {
        "name": GRAPH_INPUT,
        "shape": [len(images), 1],
        "datatype": "BYTES",
        "parameters": {"content_type": "base64"},
        "data": _texts(images),
    }
    return {"Content-Type": _JSON}, json.dumps({"inputs": [tensor]}).encode()


def _from_v2_text(_: Mapping[str, str], body: bytes) -> Array:
    return np.array(json.loads(body)["outputs"][0]["data"], np.float32).ravel()


def _bento(images: Array) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": _JSON}, json.dumps({"images": _texts(images)}).encode()


def _from_json(_: Mapping[str, str], body: bytes) -> Array:
    rows: Any = json.loads(body)
    return np.array(rows, np.float32).ravel()


RAW = Protocol("raw float32", "/predict", _raw, _from_raw)
V2 = Protocol("V2, binary tensors", f"/v2/models/{MODEL}/infer", _v2, _from_v2)
V2_TEXT = Protocol("V2, base64 in JSON", V2.path, _v2_text, _from_v2_text)
BENTO = Protocol("base64 in JSON", "/predict", _bento, _from_json)
