"""Routes for people, under ``/v1``: pictures go in, labels come out."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from pydantic import BaseModel
from starlette.requests import Request

from serving import images, openapi
from serving.admission import Admission
from serving.bodies import check_type, read_body
from serving.catalogue import Catalogue, Model
from serving.deadline import in_time
from serving.expectations import network_of
from serving.forms import uploaded_files
from serving.limits import Limits
from serving.predictions import Prediction
from serving.protocol import BINARY
from serving.request_trace import trace_of
from serving.runtime import Classifier

# Content types of an upload; the last is what curl says of any body.
_TYPES = ("image/*", BINARY, "multipart/form-data", "application/x-www-form-urlencoded")


class Predictions(BaseModel):
    """What a classifier says of several pictures, in the order of their files."""

    predictions: tuple[Prediction, ...]


def picture_routes(catalogue: Catalogue, limits: Limits, admission: Admission) -> APIRouter:
    """Classification of uploaded pictures by each classifier of the catalogue."""
    router = APIRouter(prefix="/v1", tags=["Pictures"])
    # A decoded picture can take a hundred megabytes; one at a time bounds the memory.  A
    # thread of its own stays taken when a client that it works for is told to wait no more.
    decoder = ThreadPoolExecutor(1, thread_name_prefix="decoder")

    async def answer(model: Model, files: list[bytes]) -> NDArray[np.float32]:
        shape = network_of(model, Classifier).input_shape
        pixels = await asyncio.get_running_loop().run_in_executor(
            decoder, images.decode_all, files, shape, limits.image_pixels
        )
        return await model.predict(pixels)

    @router.post("/models/{name}/classify", **openapi.CLASSIFY)
    async def classify(request: Request, name: str) -> Prediction | Predictions:
        """Label of a picture, sent as the body or in a form; of each, if a form has several."""
        model, trace = catalogue.pick(name), trace_of(request)
        trace.ask(model)
        labels = network_of(model, Classifier).labels
        with admission.place() as place:
            check_type(request, _TYPES)
            body = await read_body(request, limits, place)
            kind = request.headers.get("content-type", "")
            files = uploaded_files(kind, body, limits.images)
            trace.images = len(files)
            output = await in_time(answer(model, files), limits.answer_seconds)
        answers = [Prediction.of(model.name, model.version, labels, row) for row in output.tolist()]
        return answers[0] if len(answers) == 1 else Predictions(predictions=tuple(answers))

    return router
