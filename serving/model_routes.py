"""The list of models, for people and programs that choose one, under ``/v1``."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from secateur.manifest import ServedPrecision, Task
from secateur.records import AnyFigures
from serving.catalogue import Catalogue, Model
from serving.request_trace import trace_of


class ModelSummary(BaseModel):
    """One served model.

    Attributes:
        name: name to ask for.
        version: that is served.
        task: what it does.
        image_shape: (channels, height, width) of the images that it takes, or makes.
        labels: names of the classes; a generator has none.
        target: share of FLOPs that was to be cut; 0 for a dense network.
        precision: of the numbers that it computes in.
        figures: of this model, in that precision, on the test split, where measured.
        dense_figures: of its dense parent, in float32, on the same split.
    """

    name: str
    version: str
    task: Task
    image_shape: tuple[int, int, int]
    labels: tuple[str, ...]
    target: float
    precision: ServedPrecision
    figures: AnyFigures | None
    dense_figures: AnyFigures | None

    @classmethod
    def of(cls, model: Model) -> ModelSummary:
        """What a model says of itself."""
        content = model.network.manifest
        return cls(
            name=model.name,
            version=model.version,
            task=content.task,
            image_shape=content.architecture.input_shape,
            labels=content.labels,
            target=content.target,
            precision=model.network.precision,
            figures=model.network.figures,
            dense_figures=content.dense_figures,
        )


class ModelList(BaseModel):
    """Every served model."""

    models: tuple[ModelSummary, ...]


def model_routes(catalogue: Catalogue) -> APIRouter:
    """The list of the catalogue's models."""
    router = APIRouter(prefix="/v1", tags=["Pictures"])

    @router.get("/models")
    async def models(request: Request) -> ModelList:
        """The served models that the client may ask, with their measured figures."""
        key = trace_of(request).key
        allowed = (model for model in catalogue if key is None or key.opens(model.name))
        return ModelList(models=tuple(map(ModelSummary.of, allowed)))

    return router
