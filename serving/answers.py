"""A model's output to the answer of an inference request, as JSON or with bytes behind it.

Sources of the forms: "Binary Tensor Data Extension" and "Classification Extension" of
NVIDIA Triton's HTTP protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from secateur.manifest import GRAPH_OUTPUT
from serving.errors import BadRequestError
from serving.protocol import (
    BINARY_OUTPUT,
    BINARY_OUTPUTS,
    BINARY_SIZE,
    CLASSIFICATION,
    DATATYPE,
    STRINGS,
    InferRequest,
    Parameters,
)


@dataclass(frozen=True)
class Wanted:
    """How a client wants its answer.

    Attributes:
        id: of the request, to be given back.
        binary: whether the data comes as bytes behind the message.
        classes: how many of the best classes to name; 0 for the probabilities of all.
    """

    id: str | None = None
    binary: bool = False
    classes: int = 0

    @classmethod
    def by(cls, request: InferRequest) -> Self:
        """What a request, and the one output that it may name, ask for.

        Raises:
            BadRequestError: a parameter of another type, or a number of classes below 1.
        """
        parameters = request.outputs[0].parameters if request.outputs else {}
        default = _flag(request.parameters, BINARY_OUTPUTS, default=False)
        classes = parameters.get(CLASSIFICATION)
        if classes is not None and (type(classes) is not int or classes < 1):
            raise BadRequestError(f"{CLASSIFICATION} {classes!r} does not fit; expected n >= 1")
        return cls(request.id, _flag(parameters, BINARY_OUTPUT, default=default), classes or 0)


def respond(
    wanted: Wanted,
    name: str,
    version: str,
    labels: Sequence[str],
    values: NDArray[np.float32],
    output_name: str = GRAPH_OUTPUT,
) -> tuple[dict[str, Any], bytes]:
    """Wrap the output of a model as a client wants it.

    Args:
        wanted: how.
        name: of the model.
        version: of the model.
        labels: names of its classes; none where it has no classes.
        values: float32, a row an image; probabilities of shape (n, classes) where classes
            are wanted.
        output_name: of the output.

    Returns:
        The message, which is an ``InferResponse`` as JSON has it, and the binary data to
        follow it, where that is wanted.
    """
    count = min(wanted.classes, len(labels))
    shape = (len(values), count) if count else values.shape
    best = _best(values, labels, count) if count else []
    kind = STRINGS if count else DATATYPE
    output: dict[str, Any] = {"name": output_name, "shape": shape, "datatype": kind}
    content = b""
    if wanted.binary:
        content = b"".join(map(_element, best)) if count else values.astype("<f4").tobytes()
        output["parameters"] = {BINARY_SIZE: len(content)}
    else:
        output["data"] = best if count else values.ravel().tolist()
    message: dict[str, Any] = {"model_name": name, "model_version": version}
    if wanted.id is not None:
        message["id"] = wanted.id
    return {**message, "outputs": [output]}, content


def _best(probabilities: NDArray[np.float32], labels: Sequence[str], count: int) -> list[str]:
    """``value:index:label`` of each image's best classes; the first of equals is better."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
    return [
        f"{row[index]:f}:{index}:{labels[index]}"
        for row, best in zip(probabilities, order, strict=True)
        for index in best
    ]


def _element(text: str) -> bytes:
    """A string of a ``BYTES`` tensor: its size in four bytes, little-endian, and itself."""
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded


def _flag(parameters: Parameters, name: str, *, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise BadRequestError(f"{name} {value!r} does not fit; expected true or false")
    return value
