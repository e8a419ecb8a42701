"""A FastAPI app with layers of its own in front, and a document that says what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version as installed_version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from serving.head import HeadAsGet
from serving.refusals import HANDLERS, UnforeseenErrors, refusal


class LayeredApp(FastAPI):
    """An app whose errors are ours, with layers in front of those that FastAPI has.

    Args:
        front: the layers, the outermost first.
        settings: of FastAPI.

    Attributes:
        routers: that were included.
    """

    def __init__(self, front: Sequence[Middleware], **settings: Any) -> None:
        super().__init__(
            **{"title": "Sécateur"} | settings,
            version=installed_version("secateur"),
            # The pages behind these load scripts from elsewhere; the schema stays.
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            exception_handlers={**HANDLERS, HTTPStatus.METHOD_NOT_ALLOWED: _not_allowed},
            # Behind Starlette's own, which would answer first, in plain text.
            middleware=[Middleware(UnforeseenErrors)],
        )
        self._front = front
        self.routers: list[APIRouter] = []

    def include_router(self, router: APIRouter, **settings: Any) -> None:
        """See FastAPI."""
        self.routers.append(router)
        super().include_router(router, **settings)

    def build_middleware_stack(self) -> ASGIApp:
        """Called by Starlette, once."""
        app: ASGIApp = HeadAsGet(super().build_middleware_stack())
        for layer in reversed(self._front):
            app = layer.cls(app, *layer.args, **layer.kwargs)
        return app

    def openapi(self) -> dict[str, Any]:
        """The document, without FastAPI's own errors of validation, which no route answers."""
        content = super().openapi()
        for name in ("HTTPValidationError", "ValidationError"):
            content["components"]["schemas"].pop(name, None)
        for path in content["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        return content


async def _not_allowed(request: Request, _: Exception) -> Response:
    """Names the methods of every route of the path; Starlette knows those of the first."""
    methods = {
        method
        for router in (request.app, *request.app.routers)
        for route in router.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    if "GET" in methods:
        methods.add("HEAD")
    status = HTTPStatus.METHOD_NOT_ALLOWED
    return refusal(status, status.phrase, {"Allow": ", ".join(sorted(methods))})
