"""Errors as answers: ``{"error": message}``, in one line, with the right status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import ServingError
from serving.protocol import ErrorResponse

logger = logging.getLogger(__name__)

_LONGEST = 300


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
        except ClientDisconnect:
            logger.debug("%s: the client has gone", scope["path"])
        except Exception:
            if started or scope["type"] != "http":
                raise
            logger.exception("%s failed", scope["path"])
            await refusal(500, "internal error")(scope, receive, send)


def refused(error: ServingError | HTTPException) -> Response:
    """The answer of an error that a route raised."""
    if isinstance(error, HTTPException):
        return refusal(error.status_code, error.detail, error.headers)
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("%s", error, exc_info=error)
    return refusal(error.status, str(error), error.headers)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, ServingError | HTTPException)
    return refused(error)


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return refusal(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


HANDLERS: dict[int | type[Exception], Any] = {
    ServingError: _refused,
    HTTPException: _refused,
    RequestValidationError: _validation_error,
}


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of an error.

    Args:
        status: of the answer.
        message: becomes one line of bounded length: what it quotes of a request may be
            long and hold line breaks.
        headers: of the answer.
    """
    line = " ".join(message.split())
    line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return JSONResponse(ErrorResponse(error=line).model_dump(), status, dict(headers or {}))


def documented(*errors: type[ServingError]) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of the errors that a route may answer."""
    every: tuple[type[ServingError], ...] = (*errors, ServingError)
    return {
        int(error.status): {
            "model": ErrorResponse,
            "description": (error.__doc__ or "").partition("\n")[0],
        }
        for error in every
    }
