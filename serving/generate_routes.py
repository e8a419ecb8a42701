"""The route for people who want images made."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import Final

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from serving import openapi, rendering
from serving.admission import Admission, Place
from serving.bodies import check_type, read_body
from serving.catalogue import Catalogue, Model
from serving.deadline import in_time
from serving.expectations import check_size, network_of
from serving.generations import MEDIA_TYPES, SEED, TRIED, Format, GenerateRequest, Images
from serving.generator import Generator
from serving.limits import Limits
from serving.request_trace import trace_of
from serving.validity import valid_images

# Content types of a request; the last is what curl says of any body.
_TYPES = ("application/json", "application/*+json", "application/x-www-form-urlencoded")
# A request has three short fields.  Pydantic gathers an error for each that it does not
# know, so that a body of millions would take minutes.
_BODY_BYTES: Final = 4096
_SEED_BITS: Final = 32

_Answer = tuple[bytes, int]
"""A body, and how many images were made for it."""


def generate_routes(catalogue: Catalogue, limits: Limits, admission: Admission) -> APIRouter:
    """Generation of images by each generator of the catalogue."""
    router = APIRouter(prefix="/v1", tags=["Pictures"])
    small = limits.model_copy(update={"body_bytes": min(_BODY_BYTES, limits.body_bytes)})

    async def answer(model: Model, asked: GenerateRequest, seed: int, kind: Format) -> _Answer:
        if asked.valid:
            pixels, tried = await valid_images(model, asked.n, seed)
        else:
            pixels = await model.predict(network_of(model, Generator).noise(asked.n, seed))
            tried = asked.n
        return await asyncio.to_thread(_content, model, kind, seed, pixels), tried

    async def read(request: Request, place: Place) -> GenerateRequest:
        check_type(request, _TYPES)
        return GenerateRequest.parse(await read_body(request, small, place))

    @router.post("/models/{name}/generate", **openapi.GENERATE)
    async def generate(request: Request, name: str) -> Response:
        """Images made from a seed: a PNG of all in a grid, an archive of PNG files, or JSON."""
        model, trace = catalogue.pick(name), trace_of(request)
        trace.ask(model)
        network_of(model, Generator)  # before the body is read
        with admission.place() as place:
            asked = await read(request, place)
            check_size(model.network, asked.n, limits, place)
            trace.images = asked.n
            seed = secrets.randbits(_SEED_BITS) if asked.seed is None else asked.seed
            kind = asked.format_for(request.headers.get("accept", ""))
            content, tried = await in_time(answer(model, asked, seed, kind), limits.answer_seconds)
        headers = {SEED: str(seed)} | ({TRIED: str(tried)} if asked.valid else {})
        return Response(content, headers=headers, media_type=MEDIA_TYPES[kind])

    return router


def _content(model: Model, kind: Format, seed: int, pixels: NDArray[np.float32]) -> bytes:
    pictures = rendering.pictures(pixels)
    if kind == "png":
        return rendering.png(rendering.grid(pictures))
    files = [rendering.png(picture) for picture in pictures]
    if kind == "zip":
        return rendering.archive(files)
    encoded = tuple(base64.b64encode(file).decode() for file in files)
    images = Images(model=model.name, version=model.version, seed=seed, images=encoded)
    return images.model_dump_json().encode()
