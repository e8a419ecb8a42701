"""Routes of the Open Inference Protocol V2, under ``/v2``."""

from __future__ import annotations

from importlib.metadata import version as installed_version

from fastapi import APIRouter
from starlette.requests import Request

from secateur.manifest import GRAPH_INPUT, GRAPH_OUTPUT
from serving import protocol
from serving.bodies import read_body
from serving.catalogue import Catalogue, Model
from serving.limits import Limits


def inference_routes(catalogue: Catalogue, limits: Limits) -> APIRouter:
    """Health, metadata and inference for every model of the catalogue."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])

    @router.get("")
    async def server() -> protocol.ServerMetadata:
        """Name and version of the server."""
        return protocol.ServerMetadata(name="secateur", version=installed_version("secateur"))

    @router.get("/health/live")
    async def live() -> protocol.ServerLive:
        """Whether the server answers at all."""
        return protocol.ServerLive(live=True)

    @router.get("/health/ready")
    async def ready() -> protocol.ServerReady:
        """Whether every model is loaded: they are, before the server takes requests."""
        return protocol.ServerReady(ready=len(catalogue) > 0)

    @router.get("/models/{name}")
    @router.get("/models/{name}/versions/{version}")
    async def model(name: str, version: str | None = None) -> protocol.ModelMetadata:
        """Inputs, outputs, labels and figures of a model."""
        return _metadata(catalogue.get(name, version))

    @router.get("/models/{name}/ready")
    @router.get("/models/{name}/versions/{version}/ready")
    async def model_ready(name: str, version: str | None = None) -> protocol.ModelReady:
        """Whether a model is loaded."""
        return protocol.ModelReady(name=catalogue.get(name, version).name, ready=True)

    @router.post("/models/{name}/infer")
    @router.post("/models/{name}/versions/{version}/infer")
    async def infer(
        request: Request, name: str, version: str | None = None
    ) -> protocol.InferResponse:
        """Probabilities for a tensor of images."""
        found = catalogue.get(name, version)
        asked = protocol.parse(await read_body(request, limits.body_bytes))
        images = protocol.pixels(asked, found.classifier.input_shape)
        output = await found.predict(images)
        return protocol.respond(asked, found.name, found.version, output)

    return router


def _metadata(model: Model) -> protocol.ModelMetadata:
    content = model.classifier.manifest
    return protocol.ModelMetadata(
        name=model.name,
        versions=(model.version,),
        inputs=(
            protocol.TensorMetadata(name=GRAPH_INPUT, shape=(-1, *model.classifier.input_shape)),
        ),
        outputs=(protocol.TensorMetadata(name=GRAPH_OUTPUT, shape=(-1, len(content.labels))),),
        parameters=protocol.ModelParameters(
            labels=content.labels,
            target=content.target,
            figures=content.figures,
            dense_figures=content.dense_figures,
        ),
    )
