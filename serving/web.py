"""The HTTP interface: a FastAPI app over a catalogue, with or without Ray Serve."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.catalogue import Catalogue
from serving.errors import ServingError
from serving.inference_routes import inference_routes
from serving.limits import Limits
from serving.picture_routes import picture_routes
from serving.protocol import ErrorResponse

logger = logging.getLogger(__name__)


def create_app(catalogue: Catalogue, limits: Limits) -> FastAPI:
    """The HTTP interface over ``catalogue``.

    Every error is answered as ``{"error": message}`` with its status; what nobody foresaw
    is logged here and answered as 500 without detail.
    """
    app = FastAPI(
        title="Sécateur",
        # The pages behind these load scripts from elsewhere; the schema stays.
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(UnforeseenErrors)],
        exception_handlers={ServingError: _serving_error, HTTPException: _http_error},
    )
    app.include_router(inference_routes(catalogue, limits))
    app.include_router(picture_routes(catalogue, limits))
    return app


class UnforeseenErrors:
    """Middleware: an exception that nothing handled becomes an answer with status 500.

    Starlette's own handler for ``Exception`` answers and raises again, which Ray Serve
    would log a second time and count as a broken replica's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer where that fails before an answer began."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if started or scope["type"] != "http":
                raise
            logger.exception("%s failed", scope["path"])
            await _answer(500, "internal error")(scope, receive, send)


async def _serving_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ServingError)
    if error.status >= 500:  # noqa: PLR2004
        logger.error("%s", error, exc_info=error)
    return _answer(error.status, str(error))


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(error.status_code, error.detail)


def _answer(status: int, message: str) -> Response:
    return JSONResponse(ErrorResponse(error=message).model_dump(), status_code=status)
