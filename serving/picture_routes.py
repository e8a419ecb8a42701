"""Routes for people, under ``/v1``: a picture goes in, a label comes out."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from serving import images
from serving.bodies import read_body
from serving.catalogue import Catalogue
from serving.forms import uploaded_file
from serving.limits import Limits
from serving.predictions import Prediction


class ModelSummary(BaseModel):
    """One served model.

    Attributes:
        name: name to ask for.
        version: that is served.
        labels: names of the classes.
    """

    name: str
    version: str
    labels: tuple[str, ...]


class ModelList(BaseModel):
    """Every served model."""

    models: tuple[ModelSummary, ...]


def picture_routes(catalogue: Catalogue, limits: Limits) -> APIRouter:
    """The list of models, and classification of uploaded pictures by each."""
    router = APIRouter(prefix="/v1", tags=["Pictures"])
    # A decoded picture can take a hundred megabytes; one at a time bounds the memory.
    decoding = asyncio.Semaphore(1)

    @router.get("/models")
    async def models() -> ModelList:
        """Names, versions and labels of the served models."""
        summaries = (
            ModelSummary(name=model.name, version=model.version, labels=model.classifier.labels)
            for model in catalogue
        )
        return ModelList(models=tuple(summaries))

    @router.post("/models/{name}/classify")
    async def classify(request: Request, name: str) -> Prediction:
        """Label of a picture, sent as the body or as a file of a form."""
        model = catalogue.get(name)
        body = await read_body(request, limits.body_bytes)
        picture = uploaded_file(request.headers.get("content-type", ""), body)
        async with decoding:
            pixels = await asyncio.to_thread(
                images.decode, picture, model.classifier.input_shape, limits.image_pixels
            )
        (probabilities,) = await model.predict(pixels)
        return Prediction.of(
            model.name, model.version, model.classifier.labels, probabilities.tolist()
        )

    return router
