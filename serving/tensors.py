"""The tensors of inference requests, as JSON or as bytes behind it, to arrays.

Source of the binary form: "Binary Tensor Data Extension" of NVIDIA Triton's HTTP protocol,
https://github.com/triton-inference-server/server/blob/main/docs/protocol.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT
from serving.errors import BadRequestError, ContentTooLargeError
from serving.protocol import BINARY_SIZE, DATATYPE, HEADER_LENGTH, InferRequest, InputTensor

# Bytes on the wire are little-endian on every machine.
_WIRE = np.dtype("<f4")


def split(body: bytes, header_bytes: int | None) -> tuple[bytes, memoryview]:
    """Part the message at the beginning of a body from the binary data behind it.

    Args:
        body: of an inference request.
        header_bytes: size of the message; absent where it is the whole body.

    Raises:
        BadRequestError: the body is shorter than the message should be.
    """
    if header_bytes is None:
        return body, memoryview(b"")
    if header_bytes > len(body):
        raise BadRequestError(
            f"{HEADER_LENGTH} {header_bytes} exceeds the body of {len(body)} bytes"
        )
    return body[:header_bytes], memoryview(body)[header_bytes:]


def pixels(
    request: InferRequest,
    input_shape: tuple[int, ...],
    binary: memoryview | bytes = b"",
    max_images: int | None = None,
    names: tuple[str, str] = (GRAPH_INPUT, GRAPH_OUTPUT),
) -> NDArray[np.float32]:
    """The input of a request, held to what the model takes.

    Args:
        request: a parsed request.
        input_shape: of one row: (channels, height, width) of an image, or what else a model
            takes.
        binary: data that followed the request's message.
        max_images: that one request may hold, or ask for.
        names: of the model's input and output.

    Returns:
        float32 of shape (n, *input_shape), n >= 1, every value finite.

    Raises:
        BadRequestError: another tensor, type or shape, data that does not fill the
            shape, values that are not finite float32 numbers, or an unknown output.
        ContentTooLargeError: more than ``max_images``.
    """
    input_name, output_name = names
    for output in request.outputs:
        if output.name != output_name:
            raise BadRequestError(f"output '{output.name}' is unknown; expected '{output_name}'")
    if len(request.outputs) > 1:
        raise BadRequestError(f"output '{output_name}' is asked for twice")
    found = [tensor.name for tensor in request.inputs]
    if found != [input_name]:
        raise BadRequestError(f"inputs {found} do not fit; expected one, '{input_name}'")
    (tensor,) = request.inputs
    if tensor.datatype != DATATYPE:
        raise BadRequestError(f"datatype '{tensor.datatype}' does not fit; expected '{DATATYPE}'")
    _check_shape(tensor.shape, input_shape, max_images)
    array = _from_bytes(tensor, binary) if _is_binary(tensor, binary) else _from_json(tensor)
    if not np.isfinite(array).all():
        raise BadRequestError(f"data holds values that are not finite in {DATATYPE}")
    return array


def _check_shape(
    shape: tuple[int, ...], input_shape: tuple[int, ...], max_images: int | None
) -> None:
    if shape[1:] != input_shape or shape[0] < 1:
        expected = ", ".join(map(str, ("n >= 1", *input_shape)))
        raise BadRequestError(f"shape {list(shape)} does not fit; expected [{expected}]")
    if max_images is not None and shape[0] > max_images:
        raise ContentTooLargeError(f"{shape[0]} images in a request; at most {max_images}")


def _is_binary(tensor: InputTensor, binary: memoryview | bytes) -> bool:
    if BINARY_SIZE not in tensor.parameters:
        if len(binary):
            raise BadRequestError(f"{len(binary)} bytes follow the message; expected none")
        return False
    if tensor.data:
        raise BadRequestError(f"'{tensor.name}' has both data and {BINARY_SIZE}; expected one")
    return True


def _from_bytes(tensor: InputTensor, binary: memoryview | bytes) -> NDArray[np.float32]:
    size = tensor.parameters[BINARY_SIZE]
    expected = _WIRE.itemsize * math.prod(tensor.shape)
    if type(size) is not int or size != expected:
        raise BadRequestError(
            f"{BINARY_SIZE} {size!r} does not fit shape {list(tensor.shape)}; expected {expected}"
        )
    if len(binary) != size:
        raise BadRequestError(f"{len(binary)} bytes follow the message; expected {size}")
    array = np.frombuffer(binary, _WIRE).reshape(tensor.shape)
    return array.astype(np.float32, copy=False)


def _from_json(tensor: InputTensor) -> NDArray[np.float32]:
    values, shape = _flat(tensor)
    # Looked at first: NumPy would make a string of every number beside a string.
    if not set(map(type, values)) <= {int, float}:
        raise BadRequestError(f"data holds values that are not {DATATYPE} numbers")
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":  # integers beyond 64 bits
        raise BadRequestError(f"data holds values that are not {DATATYPE} numbers")
    if shape not in (tensor.shape, (math.prod(tensor.shape),)):
        raise BadRequestError(
            f"data of shape {list(shape)} does not fill shape {list(tensor.shape)}"
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
        return cast(NDArray[np.float32], array.astype(np.float32).reshape(tensor.shape))


def _flat(tensor: InputTensor) -> tuple[list[Any], tuple[int, ...]]:
    """Flatten lists, nested as deep as the tensor's shape; also their shape."""
    data = tensor.data
    shape = [len(data)]
    while len(shape) < len(tensor.shape) and data and isinstance(data[0], list):
        if not all(isinstance(row, list) and len(row) == len(data[0]) for row in data):
            raise BadRequestError("data is nested unevenly")
        shape.append(len(data[0]))
        data = list(chain.from_iterable(data))
    return data, tuple(shape)
