"""The messages of the Open Inference Protocol V2.

Source: https://github.com/kserve/open-inference-protocol, "Inference Protocol", REST.
Tensors are float32 (``FP32``), the type of every model's input and output here, but for
the strings (``BYTES``) of the classification extension.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError

from secateur.manifest import ServedPrecision, Task
from secateur.records import AnyFigures
from serving.errors import BadRequestError

DATATYPE: Final = "FP32"
STRINGS: Final = "BYTES"
PLATFORM: Final = "onnxruntime_onnx"
EXTENSIONS: Final = ("binary_tensor_data", "classification")
# Of the body of a message with binary tensors: how much of its beginning is JSON.
HEADER_LENGTH: Final = "Inference-Header-Content-Length"
BINARY: Final = "application/octet-stream"

# Parameters of a tensor or message that say something here; others are passed over.
BINARY_SIZE: Final = "binary_data_size"
BINARY_OUTPUT: Final = "binary_data"
BINARY_OUTPUTS: Final = "binary_data_output"
CLASSIFICATION: Final = "classification"

_SHORT_BYTES: Final = 1024

# Values are looked at where they are used.  Pydantic gathers an error for every item that is
# wrong, which for a million items takes minutes and gigabytes: here nothing can be wrong, and
# lists fail at the first item.
Parameters = dict[str, Any]


class Message(BaseModel):
    """Base of all messages; fields outside the protocol are passed over."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class InputTensor(Message):
    """A tensor of a request; ``data`` is row-major, flat or nested as ``shape`` says.

    Binary data follows the message instead, as many bytes as the parameter
    ``binary_data_size`` says.
    """

    name: str
    shape: Annotated[tuple[int, ...], FailFast()]
    datatype: str
    parameters: Parameters = {}
    data: list[Any] = []


class RequestedOutput(Message):
    """An output that the client asks for.

    Its parameter ``binary_data`` says whether it comes as bytes behind the message, and
    ``classification`` how many of the best classes to name instead.
    """

    name: str
    parameters: Parameters = {}


class InferRequest(Message):
    """Body of an inference request, or its beginning where binary data follows.

    Its parameter ``binary_data_output`` holds for outputs that say nothing themselves.
    """

    id: str | None = None
    parameters: Parameters = {}
    inputs: Annotated[tuple[InputTensor, ...], FailFast()] = Field(min_length=1)
    outputs: Annotated[tuple[RequestedOutput, ...], FailFast()] = ()


class OutputTensor(Message):
    """A tensor of a response; ``data`` is flat and row-major."""

    name: str
    shape: tuple[int, ...]
    datatype: Literal["FP32", "BYTES"] = DATATYPE
    data: list[float] | list[str]


class BinarySize(Message):
    """Parameters of a tensor whose data follows the message."""

    binary_data_size: int


class BinaryOutputTensor(Message):
    """A tensor of a response whose data follows the message."""

    name: str
    shape: tuple[int, ...]
    datatype: Literal["FP32", "BYTES"] = DATATYPE
    parameters: BinarySize


class InferResponse(Message):
    """Body of the answer to an inference request, or its beginning."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: tuple[OutputTensor | BinaryOutputTensor, ...]


class TensorMetadata(Message):
    """Name, type and shape of a tensor; -1 is a size of any length."""

    name: str
    datatype: Literal["FP32"] = DATATYPE
    shape: tuple[int, ...]


class SourceState(Message):
    """Whether a model is the one that its source names.

    Attributes:
        state: ``current``, or ``kept`` where a newer version may be there but is not served.
        reason: why a version is kept.
        checked: when the source was last asked.
    """

    state: Literal["current", "kept"]
    reason: str | None = None
    checked: datetime


class ModelParameters(Message):
    """What the protocol leaves to the server to say of a model.

    Attributes:
        task: what the model does.
        labels: names of the classes, in the order of the outputs; a generator has none.
        target: share of FLOPs that was to be cut; 0 for a dense network.
        precision: of the numbers that it computes in.
        figures: of this model, in that precision, on the test split, where measured.
        dense_figures: of its dense parent, in float32, on the same split.
        role: whether this version is the champion, or its challenger.
        since: when this replica began to serve it.
        source: of the champion, where a server follows it.
    """

    task: Task
    labels: tuple[str, ...]
    target: float
    precision: ServedPrecision
    figures: AnyFigures | None = None
    dense_figures: AnyFigures | None = None
    role: Literal["champion", "challenger"] = "champion"
    since: datetime
    source: SourceState | None = None


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
    extensions: tuple[str, ...] = EXTENSIONS


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
    # Before binary tensors a client says the same every time.
    return _parse_again(body) if len(body) <= _SHORT_BYTES else _parse(body)


def _parse(body: bytes) -> InferRequest:
    try:
        return InferRequest.model_validate_json(body)
    except ValidationError as error:
        raise BadRequestError(field_error(error)) from None


_parse_again = lru_cache(maxsize=256)(_parse)


def field_error(error: ValidationError) -> str:
    """The first field of a body that is wrong, and how."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return f"{field}: {first['msg']}"
