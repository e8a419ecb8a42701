"""Open Inference Protocol V2, JSON encoding.

Source: https://github.com/kserve/open-inference-protocol, "Inference Protocol", REST.
Tensors are float32 (``FP32``), the type of every model's input and output here.
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT
from secateur.records import Figures
from serving.errors import BadRequestError

DATATYPE: Final = "FP32"
PLATFORM: Final = "onnxruntime_onnx"
Parameters = dict[str, bool | int | float | str]


class Message(BaseModel):
    """Base of all messages; fields outside the protocol are passed over."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class InputTensor(Message):
    """A tensor of a request; ``data`` is row-major, flat or nested as ``shape`` says."""

    name: str
    shape: tuple[int, ...]
    datatype: str
    parameters: Parameters = {}
    data: list[Any]


class RequestedOutput(Message):
    """An output that the client asks for."""

    name: str
    parameters: Parameters = {}


class InferRequest(Message):
    """Body of an inference request."""

    id: str | None = None
    parameters: Parameters = {}
    inputs: tuple[InputTensor, ...] = Field(min_length=1)
    outputs: tuple[RequestedOutput, ...] = ()


class OutputTensor(Message):
    """A tensor of a response; ``data`` is flat and row-major."""

    name: str
    shape: tuple[int, ...]
    datatype: Literal["FP32"] = DATATYPE
    data: list[float]


class InferResponse(Message):
    """Body of the answer to an inference request."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: tuple[OutputTensor, ...]


class TensorMetadata(Message):
    """Name, type and shape of a tensor; -1 is a size of any length."""

    name: str
    datatype: Literal["FP32"] = DATATYPE
    shape: tuple[int, ...]


class ModelParameters(Message):
    """What the protocol leaves to the server to say of a model.

    Attributes:
        labels: names of the classes, in the order of the outputs.
        target: share of FLOPs that was to be cut; 0 for a dense network.
        figures: of this model on the test split, where measured.
        dense_figures: of its dense parent on the same split.
    """

    labels: tuple[str, ...]
    target: float
    figures: Figures | None = None
    dense_figures: Figures | None = None


class ModelMetadata(Message):
    """Answer to ``GET /v2/models/{name}``."""

    name: str
    versions: tuple[str, ...]
    platform: Literal["onnxruntime_onnx"] = PLATFORM
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]
    parameters: ModelParameters


class ServerMetadata(Message):
    """Answer to ``GET /v2``."""

    name: str
    version: str
    extensions: tuple[str, ...] = ()


class ServerLive(Message):
    """Answer to ``GET /v2/health/live``."""

    live: bool


class ServerReady(Message):
    """Answer to ``GET /v2/health/ready``."""

    ready: bool


class ModelReady(Message):
    """Answer to ``GET /v2/models/{name}/ready``."""

    name: str
    ready: bool


class ErrorResponse(Message):
    """Body of every answer whose status is 400 or above."""

    error: str


def parse(body: bytes) -> InferRequest:
    """Parse the body of an inference request.

    Raises:
        BadRequestError: not JSON, or not an inference request; names the field.
    """
    try:
        return InferRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadRequestError(f"{field}: {first['msg']}") from None


def pixels(request: InferRequest, input_shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """The images of a request, held to what the model takes.

    Args:
        request: a parsed request.
        input_shape: (channels, height, width) of one image.

    Returns:
        float32 of shape (n, channels, height, width), n >= 1, every value finite.

    Raises:
        BadRequestError: another tensor, type or shape, data that does not fill the
            shape, values that are not finite float32 numbers, or an unknown output.
    """
    for output in request.outputs:
        if output.name != GRAPH_OUTPUT:
            raise BadRequestError(f"output '{output.name}' is unknown; expected '{GRAPH_OUTPUT}'")
    names = [tensor.name for tensor in request.inputs]
    if names != [GRAPH_INPUT]:
        raise BadRequestError(f"inputs {names} do not fit; expected one, '{GRAPH_INPUT}'")
    (tensor,) = request.inputs
    if tensor.datatype != DATATYPE:
        raise BadRequestError(f"datatype '{tensor.datatype}' does not fit; expected '{DATATYPE}'")
    _check_shape(tensor.shape, input_shape)
    return _array(tensor)


def respond(
    request: InferRequest, name: str, version: str, probabilities: NDArray[np.float32]
) -> InferResponse:
    """Wrap probabilities of shape (n, classes) as the answer to ``request``."""
    output = OutputTensor(
        name=GRAPH_OUTPUT, shape=probabilities.shape, data=probabilities.ravel().tolist()
    )
    return InferResponse(model_name=name, model_version=version, id=request.id, outputs=(output,))


def _check_shape(shape: tuple[int, ...], input_shape: tuple[int, int, int]) -> None:
    if shape[1:] != input_shape or shape[0] < 1:
        expected = ", ".join(map(str, ("n >= 1", *input_shape)))
        raise BadRequestError(f"shape {list(shape)} does not fit; expected [{expected}]")


def _array(tensor: InputTensor) -> NDArray[np.float32]:
    try:
        values = np.asarray(tensor.data)
    except ValueError:
        raise BadRequestError("data is nested unevenly") from None
    if values.dtype.kind not in "iuf":  # booleans, strings, nulls, integers beyond 64 bits
        raise BadRequestError(f"data holds values that are not {DATATYPE} numbers")
    if values.shape not in (tensor.shape, (math.prod(tensor.shape),)):
        raise BadRequestError(
            f"data of shape {list(values.shape)} does not fill shape {list(tensor.shape)}"
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused
        array = values.astype(np.float32).reshape(tensor.shape)
    if not np.isfinite(array).all():
        raise BadRequestError(f"data holds values that are not finite in {DATATYPE}")
    return array
