"""Routes of the Open Inference Protocol V2, under ``/v2``."""

from __future__ import annotations

import math
from importlib.metadata import version as installed_version
from typing import Any

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from serving import answers, openapi, protocol, tensors
from serving.admission import Admission
from serving.bodies import check_type, length, read_body
from serving.catalogue import Catalogue, Model
from serving.compression import compressed
from serving.deadline import in_time
from serving.errors import ContentTooLargeError, UnknownModelError
from serving.expectations import check_size, network_of
from serving.limits import Limits
from serving.model_metadata import metadata
from serving.refusals import documented
from serving.request_trace import trace_of
from serving.runtime import Classifier

# Content types of a request; the last is what curl says of any body.
_TYPES = (
    "application/json",
    "application/*+json",
    protocol.BINARY,
    "application/x-www-form-urlencoded",
)
# Of a number in an answer: the limit on JSON bounds answers as it does requests.
_JSON_BYTES = 16
_UNKNOWN: Any = documented(UnknownModelError)


def inference_routes(catalogue: Catalogue, limits: Limits, admission: Admission) -> APIRouter:
    """Metadata and inference for every model of the catalogue."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])

    @router.get("")
    async def server() -> protocol.ServerMetadata:
        """Name and version of the server."""
        return protocol.ServerMetadata(name="secateur", version=installed_version("secateur"))

    @router.get("/models/{name}", responses=_UNKNOWN)
    @router.get("/models/{name}/versions/{version}", responses=_UNKNOWN)
    async def model(
        request: Request, name: str, version: str | None = None
    ) -> protocol.ModelMetadata:
        """Inputs, outputs, labels and figures of a model."""
        return metadata(catalogue, _find(catalogue, request, name, version))

    @router.get("/models/{name}/ready", responses=_UNKNOWN)
    @router.get("/models/{name}/versions/{version}/ready", responses=_UNKNOWN)
    async def model_ready(
        request: Request, name: str, version: str | None = None
    ) -> protocol.ModelReady:
        """Whether a model is loaded."""
        return protocol.ModelReady(name=_find(catalogue, request, name, version).name, ready=True)

    @router.post("/models/{name}/infer", **openapi.INFER)
    @router.post("/models/{name}/versions/{version}/infer", **openapi.INFER)
    async def infer(request: Request, name: str, version: str | None = None) -> Response:
        """Probabilities, or the best classes, for a tensor of images; images for noise."""
        found = catalogue.pick(name, version)
        trace_of(request).ask(found)
        with admission.place() as place:
            check_type(request, _TYPES)
            body = await read_body(request, limits, place)
            rows, wanted = _asked(request, body, found, limits)
            check_size(found.network, len(rows), limits, place)
            trace_of(request).images = len(rows)
            output = await in_time(found.predict(rows), limits.answer_seconds)
        return _answer(request, wanted, found, output)

    return router


def _find(catalogue: Catalogue, request: Request, name: str, version: str | None) -> Model:
    found = catalogue.get(name, version)
    trace_of(request).ask(found)
    return found


def _asked(
    request: Request, body: bytes, model: Model, limits: Limits
) -> tuple[NDArray[np.float32], answers.Wanted]:
    # The message itself ends here: as JSON it can take many times the images' memory.
    text, binary = tensors.split(body, length(request, protocol.HEADER_LENGTH))
    if len(text) > limits.json_bytes:
        raise ContentTooLargeError(
            f"{len(text)} bytes of JSON; at most {limits.json_bytes}, and more as binary tensors"
        )
    message = protocol.parse(text)
    wanted = answers.Wanted.by(message)
    network = model.network
    names = (network.input_name, network.output_name)
    rows = tensors.pixels(message, network.input_shape, binary, limits.images, names)
    if wanted.classes:
        network_of(model, Classifier)
    elif not wanted.binary:
        _check_json(len(rows) * math.prod(network.output_shape), limits)
    return rows, wanted


def _check_json(values: int, limits: Limits) -> None:
    most = limits.json_bytes // _JSON_BYTES
    if values > most:
        raise ContentTooLargeError(
            f"the answer has {values} values; JSON holds at most {most}, binary tensors more"
        )


def _answer(
    request: Request, wanted: answers.Wanted, model: Model, output: NDArray[np.float32]
) -> Response:
    network = model.network
    message, binary = answers.respond(
        wanted, model.name, model.version, network.manifest.labels, output, network.output_name
    )
    text = to_json(message)
    content, headers = compressed(text + binary, request.headers.get("accept-encoding", ""))
    if not wanted.binary:
        return Response(content, headers=headers, media_type="application/json")
    headers[protocol.HEADER_LENGTH] = str(len(text))
    return Response(content, headers=headers, media_type=protocol.BINARY)
